import { describe, expect, it } from 'vitest';
import { paperRecipe, settled, stepRecipe } from '../../src/train/index.js';

const pixels = { mean: [0.3], deviation: [0.2] };

describe('moving averages of a short training', () => {
  it('keeps the papers’ decays where there are steps enough', () => {
    const long = stepRecipe(paperRecipe, 200_000, pixels);
    expect(long.emaDecay).toBe(0.9999);
    expect(long.norm).toEqual({ momentum: 0.99, epsilon: 1e-3 });
    expect(stepRecipe(paperRecipe, 900, pixels).norm.momentum).toBe(0.99);
  });

  it('forgets where it started by the end of any training of 100 steps or more', () => {
    for (const steps of [100, 421, 5000, 80_000])
      expect(settled(0.9999, steps) ** steps).toBeLessThan(Math.exp(-8));
  });

  it('leaves out the average where the recipe has none', () => {
    expect(stepRecipe({ ...paperRecipe, emaDecay: null }, 10, pixels).emaDecay).toBeNull();
  });
});
