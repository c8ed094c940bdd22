import { describe, expect, it } from 'vitest';
import { mediansOf, bindingConstraint } from '../../src/netadapt/binding-constraint.js';
import { refine } from '../../src/netadapt/index.js';
import { bindingMs, type LatencyMeter, type LatencyRecord } from '../../src/trials/index.js';
import { fakeMeter, newStore, record, seedTrial, setUp } from './fakes.js';

const two = (first: number, second: number, targetMs: number): LatencyRecord => {
  const { also, ...other } = record(second, 0.1);
  void also;
  return { ...record(first, 0.1), also: [{ ...other, platform: 'other', targetMs }] };
};

describe('the binding platform', () => {
  it('of one platform is that platform', () => {
    expect(bindingConstraint(record(3, 0.1), 2)).toMatchObject({
      medianMs: 3,
      lowMs: 2.9,
      highMs: 3.1,
      platform: 0,
    });
  });

  it('is the one farthest over its target, on the scale of the first', () => {
    const found = bindingConstraint(two(3, 9, 4), 2);
    expect(found.platform).toBe(1);
    expect(found.medianMs).toBeCloseTo(4.5);
    expect([found.lowMs, found.highMs]).toEqual([4.45, 4.55]);
    expect(mediansOf(two(3, 9, 4))).toEqual([3, 9]);
  });

  it('meets the first target exactly where every one is met', () => {
    expect(bindingMs(two(2, 4, 4), 2)).toBe(2);
    expect(bindingMs(two(1, 4.1, 4), 2)).toBeGreaterThan(2);
    expect(bindingMs(two(2.1, 1, 4), 2)).toBeGreaterThan(2);
  });
});

describe('refine under two targets', () => {
  /** The second platform takes twice as long, and its target is one and a half times the first one's: it binds. */
  const meterOf = (seed: number, targetMs: number): LatencyMeter => {
    const one = fakeMeter(seed);
    return {
      measure: async (texts, signal) =>
        (await one.measure(texts, signal)).map((first) => withOther(first, targetMs)),
    };
  };
  const withOther = (first: LatencyRecord, targetMs: number): LatencyRecord =>
    two(first.medianMs, 2 * first.medianMs, 1.5 * targetMs);

  it.each([1, 2, 3])('ends when both are met, and every step reports both, seed %i', async (seed) => {
    const store = newStore();
    const plain = setUp(seed, {}, { store });
    const targetMs = plain.targetMs * 1.2;
    const trial = seedTrial(newStore());
    if (trial.outcome?.state !== 'done') throw new Error('the seed is not trained');
    const both = {
      ...trial,
      outcome: { ...trial.outcome, latency: withOther(trial.outcome.latency, targetMs) },
    };
    const [begun] = store.begin([both], null);
    const seeded = store.finish(begun!.id, both.outcome, null, null);
    const result = await refine({ ...plain, trial: seeded, store, targetMs, meter: meterOf(seed, targetMs) });
    expect(result.reason).toBe('target met');
    const { latency } = result.final.outcome as { latency: LatencyRecord };
    expect(latency.also?.[0]?.medianMs).toBeLessThanOrEqual(1.5 * targetMs);
    expect(latency.medianMs).toBeLessThanOrEqual(targetMs);
    expect(latency.medianMs).toBeGreaterThan(0.5 * targetMs);
    for (const step of result.steps) {
      const stored = store.trial(step.trial)?.outcome?.latency;
      expect(stored?.also?.[0]?.medianMs).toBeCloseTo(2 * (stored?.medianMs ?? 0), 5);
      expect(step.toMs).toBeCloseTo(bindingMs(stored!, targetMs), 9);
    }
  });
});
