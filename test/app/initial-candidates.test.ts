import { describe, expect, it } from 'vitest';
import { initialCandidates, scaledPresetOf, type Scaling } from '../../src/app/search/initial-candidates.js';
import { notedPreset } from '../../src/app/retrain/scaled-note.js';
import type { StudyOptions } from '../../src/app/study/defaults.js';
import { spaceOf } from '../../src/app/study/session.js';
import { NasError } from '../../src/core/index.js';
import { formatArchitecture } from '../../src/space/index.js';
import { STUDY } from '../../src/testing/index.js';
import { createMemoryStore, type LatencyMeter } from '../../src/trials/index.js';
import { fakeMeter, trueLatency } from '../netadapt/fakes.js';
import { fakeStudy } from './samples.js';

const PRESETS = ['mobilenet_v3_small', 'residual_conv'];

function scaling(requested: Partial<StudyOptions> = {}): Scaling {
  const spec = fakeStudy({ targetMs: 1.5, trials: 20, scaled: PRESETS, ...requested });
  const given = { store: createMemoryStore(STUDY), signal: new AbortController().signal };
  return { spec, space: spaceOf(spec), ...given };
}

async function begun(given: Scaling, meter: LatencyMeter = fakeMeter(1, 0)) {
  const [measured, notices]: [string[], string[]] = [[], []];
  const candidates = await initialCandidates(
    given,
    meter,
    (text) => measured.push(text),
    (text) => notices.push(text),
  );
  return { candidates, measured, notices };
}

describe('initial candidates', () => {
  it('are the presets scaled to just under the target, the one that computes most first', async () => {
    const given = scaling();
    const { candidates, measured } = await begun(given);
    expect(candidates.map(({ note }) => scaledPresetOf(note)?.preset).toSorted()).toEqual(PRESETS);
    for (const { text, genome, latency } of candidates) {
      expect(genome).toBeNull();
      expect(latency?.medianMs).toBe(trueLatency(text));
      expect(trueLatency(text)).toBeLessThanOrEqual(0.98 * 1.5);
      expect(measured).toContain(text);
    }
    const madds = candidates.map((one) => one.madds);
    expect(madds).toEqual(madds.toSorted((a, b) => b - a));
    expect(notedPreset(given.store, 1.5)?.text).toBe(candidates[0]?.text);
    expect(notedPreset(given.store, 2)).toBeUndefined();
  });

  it('have the networks of the space that are nearest to them in their company, for the strategy to change', async () => {
    const space = { name: 'backbone', yaml: null };
    const given = scaling({ space, strategy: 'surrogate' });
    const { candidates } = await begun(given);
    const nameOf = ({ note }: (typeof candidates)[number]) => {
      const preset = scaledPresetOf(note);
      return preset === undefined ? (note as { near: string }).near : `${preset.preset}@${preset.multiplier}`;
    };
    const names = candidates.map(nameOf);
    expect(candidates.map(({ genome }) => genome !== null)).toEqual([false, true, false, true]);
    expect(names).toEqual([names[0], names[0], names[2], names[2]]);
    for (const { genome, text } of candidates)
      if (genome !== null) expect(formatArchitecture(given.space.decode(genome))).toBe(text);
    const scale = await begun(scaling({ space, strategy: 'scale' }));
    expect(scale.candidates.map(({ genome }) => genome)).toEqual([null, null]);
  });

  it('take at most half of a budget of trials, and none of a study that has trials', async () => {
    expect((await begun(scaling({ trials: 3 }))).candidates).toHaveLength(1);
    expect((await begun(scaling({ trials: 1 }))).measured).toEqual([]);
    expect((await begun(scaling({ trials: 1, strategy: 'scale' }))).candidates).toHaveLength(2);
    const given = scaling();
    const trial = { genome: null, text: 'a', params: 1, madds: 1, seed: 's', note: null };
    given.store.begin([{ kind: 'sample', parent: null, ...trial }], null);
    expect((await begun(given)).measured).toEqual([]);
  });

  it('leave out what no width brings to the target, and say so', async () => {
    const { candidates, notices } = await begun(scaling({ targetMs: 1e-4 }));
    expect(candidates).toEqual([]);
    expect(notices.at(-1)).toMatch(/mobilenet_v3_small takes at least .*residual_conv takes at least/);
  });

  it('are none where a table knows nothing of them; other faults are reported', async () => {
    const failing = (code: string): LatencyMeter => ({
      measure: () => Promise.reject(new NasError({ code, found: 'no such segment' })),
    });
    expect((await begun(scaling(), failing('NAS_TABLE_RANGE'))).candidates).toEqual([]);
    await expect(begun(scaling(), failing('NAS_STOPPED'))).rejects.toThrow('no such segment');
  });
});
