import { describe, expect, it } from 'vitest';
import { chooseFinal } from '../../src/app/start/choose-final.js';
import type { Session } from '../../src/app/study/session.js';
import { createRetry, ms, NasError, ratio } from '../../src/core/index.js';
import {
  createMemoryStore,
  type LatencyMeter,
  type LatencyRecord,
  type Outcome,
  type TrialKind,
  type TrialStore,
} from '../../src/trials/index.js';
import { notePreset } from '../../src/app/retrain/scaled-note.js';
import { formatArchitecture, presetArchitecture } from '../../src/space/index.js';
import { fakeMeter, trueLatency } from '../netadapt/fakes.js';
import { fakeStudy } from './samples.js';

const text = 'nas1:28x28x1 cn_k3_s2_c8_hs gap fc_c10_id';
const meter = fakeMeter(1, 0);
const [like] = await meter.measure([text], new AbortController().signal);
const at = (value: number): LatencyRecord => {
  if (like === undefined) throw new TypeError('no record');
  return { ...like, medianMs: ms(value), lowMs: value, highMs: value };
};
const done = (accuracy: number, value: number): Outcome => ({
  ...{
    state: 'done',
    accuracy: ratio(accuracy),
    latency: at(value),
    curve: [],
    seconds: 1,
    checkpoint: null,
  },
});
const short = (state: 'infeasible' | 'stopped', value: number): Outcome =>
  state === 'infeasible'
    ? { state, reason: 'too slow', latency: at(value), seconds: 1 }
    : { state, reason: 'time', latency: at(value), curve: [], seconds: 1 };

type Given = readonly (readonly [TrialKind, Outcome])[];
const chosen = (targetMs: number, ...trials: Given) => chosenWith(meter, targetMs, trials);

const emptyStore = (): TrialStore =>
  createMemoryStore({
    ...{ name: 'demo', spec: {}, spaceDigest: 'd', seed: '1', createdAt: 0, environment: {} },
  });

function chosenWith(timing: LatencyMeter, targetMs: number, trials: Given, store = emptyStore()) {
  for (const [kind, outcome] of trials) {
    const [trial] = store.begin(
      [{ ...{ kind, parent: null, genome: null, text, params: 1, madds: 1, seed: 's' }, note: null }],
      null,
    );
    store.finish(trial?.id ?? 0, outcome, null, null);
  }
  const session = {
    ...{ store, spec: fakeStudy({ targetMs }), signal: new AbortController().signal },
    retry: createRetry({ limitSeconds: 0, onEvent: () => undefined }),
    pool: () => Promise.resolve(timing),
  } as unknown as Session;
  return chooseFinal(session, () => undefined);
}

describe('the network that a whole run retrains', () => {
  it('is the most accurate trial within the target', async () => {
    expect(await chosen(1, ['sample', done(0.9, 2)], ['netadapt', done(0.7, 0.9)])).toEqual({
      ...{ kind: 'trial', trial: 2 },
    });
  });

  it('is a proposal where only that meets the target', async () => {
    const proposals = [
      ['proposal', done(0.6, 0.9)],
      ['proposal', done(0.7, 0.8)],
      ['proposal', done(0.8, 1.1)],
    ] as const;
    expect(await chosen(1, ['sample', done(0.9, 2)], ...proposals)).toEqual({ kind: 'trial', trial: 3 });
  });

  it('is a scaled preset where no trial meets the target', async () => {
    const found = await chosen(1e3, ['sample', done(0.9, 2e3)]);
    expect(found).toMatchObject({ kind: 'preset', scaled: { preset: 'mobilenet_v3_small', meets: true } });
  });

  it('is the preset that the search scaled, fitted once to what it leaves of the target', async () => {
    const [preset, task] = ['mobilenet_v3_small', { input: [28, 28, 1], classes: 10 }] as const;
    const textAt = (multiplier: number) =>
      formatArchitecture(presetArchitecture(`${preset}@${multiplier}`, task));
    const text = textAt(0.5);
    const targetMs = 1.6 * trueLatency(text);
    const store = emptyStore();
    notePreset(store, targetMs, {
      ...{ preset, multiplier: 0.5, text, latency: at(trueLatency(text)), meets: true },
    });
    const timing = fakeMeter(1, 0);
    const found = await chosenWith(timing, targetMs, [], store);
    if (found.kind !== 'preset') throw new TypeError('no preset');
    expect(found.scaled.multiplier).toBeGreaterThan(0.55);
    expect(found.scaled.text).toBe(textAt(found.scaled.multiplier));
    expect(found.scaled.latency.medianMs).toBeLessThanOrEqual(targetMs);
    expect(await chosenWith(timing, targetMs, [], store)).toEqual(found);
    expect(timing.sessions).toHaveLength(1);
  });

  it.each([
    ['a trial stopped before it was trained, within the target', short('stopped', 1e-7), 2],
    ['the nearest of all that were timed, trained or not', short('infeasible', 1e-5), 2],
    ['the nearest, which was trained', short('infeasible', 2), 1],
  ] as const)('is %s, where no preset meets it', async (_name, second, trial) => {
    expect(await chosen(1e-6, ['sample', done(0.9, 1e-4)], ['sample', second])).toEqual({
      kind: 'trial',
      trial,
    });
  });

  it.each(['NAS_BAD_TASK', 'NAS_TABLE_RANGE'])(
    'is the nearest trial where no preset can be timed (%s)',
    async (code) => {
      const unfit: LatencyMeter = { measure: () => Promise.reject(new NasError({ code, found: 'a test' })) };
      const found = await chosenWith(unfit, 1, [
        ['sample', done(0.9, 2)],
        ['sample', done(0.8, 1.5)],
      ]);
      expect(found).toEqual({ kind: 'trial', trial: 2 });
    },
  );
});
