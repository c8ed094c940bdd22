import { describe, expect, it } from 'vitest';
import { probeLatencies } from '../../src/app/search/latency-probes.js';
import { spaceOf } from '../../src/app/study/session.js';
import { parseArchitecture } from '../../src/space/index.js';
import { fakeMeter, trueLatency } from '../netadapt/fakes.js';
import { fakeStudy } from './samples.js';

describe('latency probes', () => {
  it('teach the predictor random networks of the space, in one session, and wait for its fit', async () => {
    const spec = fakeStudy();
    const meter = fakeMeter(1, 0);
    const known = new Map<string, number>();
    let fitted = false;
    const { signal } = new AbortController();
    await probeLatencies({ spec, space: spaceOf(spec), signal }, meter, {
      measured: (text, { medianMs }) => void known.set(text, medianMs),
      fitted: () => {
        fitted = known.size > 0;
        return Promise.resolve();
      },
    });
    expect(meter.sessions).toHaveLength(1);
    expect(known.size).toBe(12);
    for (const [text, medianMs] of known) {
      expect(parseArchitecture(text).input).toEqual([28, 28, 1]);
      expect(medianMs).toBe(trueLatency(text));
    }
    expect(fitted).toBe(true);
  });

  it('leave out what a space cannot decode', async () => {
    const spec = fakeStudy();
    const meter = fakeMeter(1, 0);
    const space = {
      ...spaceOf(spec),
      decode: () => {
        throw new Error('none');
      },
    };
    const { signal } = new AbortController();
    const predictor = { measured: () => undefined, fitted: () => Promise.resolve() };
    await probeLatencies({ spec, space, signal }, meter, predictor);
    expect(meter.sessions.flat()).toEqual([]);
  });
});
