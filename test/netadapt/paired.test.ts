import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { pairedSaving } from '../../src/netadapt/paired.js';

/** Two networks timed in turns on a machine whose speed wanders by a third; each sample has independent noise. */
function session(
  seed: number,
  ratio: number,
  noise = 0.03,
  count = 200,
): { before: number[]; after: number[] } {
  const rng = createRng(seed);
  const speed = (k: number): number => 1 + 0.3 * Math.sin(k / 17) + (k > count / 2 ? 0.2 : 0);
  const sample = (k: number, ms: number): number => ms * speed(k) * (1 + noise * rng.normal());
  const at = Array.from({ length: count }, (_, k) => k);
  return { before: at.map((k) => sample(k, 1)), after: at.map((k) => sample(k, ratio)) };
}

describe('two networks timed in turns', () => {
  it('detects a saving of 3 % on a machine that drifts by a third', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { before, after } = session(seed, 0.97);
      const found = pairedSaving(before, after);
      expect(found?.leastMs).toBeGreaterThan(0);
      expect(Math.abs((found?.savedMs ?? 0) - 0.033)).toBeLessThan(0.015);
    }
  });

  it('claims a saving that is not there about as rarely as its confidence says', () => {
    const claims = Array.from({ length: 400 }, (_, seed) => {
      const { before, after } = session(seed + 1000, 1);
      return (pairedSaving(before, after)?.leastMs ?? 0) > 0;
    }).filter(Boolean).length;
    // One side of 95 %: 2.5 % of 400 are 10.
    expect(claims).toBeGreaterThan(0);
    expect(claims).toBeLessThan(24);
  });

  it('compares nothing where samples are few or not as many of each', () => {
    expect(pairedSaving([1, 2, 3], [1, 2, 3])).toBeUndefined();
    const { before, after } = session(1, 0.9);
    expect(pairedSaving(before, after.slice(1))).toBeUndefined();
  });
});
