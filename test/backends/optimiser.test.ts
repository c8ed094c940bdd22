import { describe, expect, it } from 'vitest';
import { averageDecay, crossEntropyOf } from '../../src/backends/evaluation.js';
import { optimise, startState } from '../../src/backends/reference/optimiser.js';

describe('the optimisers of the reference', () => {
  it('momentum: v ← m·v + g, w ← w − lr·v', () => {
    const w = Float32Array.of(1);
    const state = startState(1);
    for (const g of [2, 1]) optimise({ kind: 'momentum', momentum: 0.5 }, w, Float32Array.of(g), state, 0.1);
    // v = 2, then 0.5·2 + 1 = 2; w = 1 − 0.2 − 0.2.
    expect(w[0]).toBeCloseTo(0.6, 6);
  });

  it('RMSProp: s from 1, v ← m·v + lr·g/√(s+ε), w ← w − v', () => {
    const recipe = { kind: 'rmsprop', momentum: 0.5, decay: 0.9, epsilon: 0.01 } as const;
    const w = Float32Array.of(1);
    const state = startState(1);
    for (const g of [2, 1]) optimise(recipe, w, Float32Array.of(g), state, 0.1);
    const s1 = 0.9 + 0.1 * 4;
    const v1 = 0.2 / Math.sqrt(s1 + 0.01);
    const s2 = 0.9 * s1 + 0.1;
    const v2 = 0.5 * v1 + 0.1 / Math.sqrt(s2 + 0.01);
    expect(w[0]).toBeCloseTo(1 - v1 - v2, 6);
  });
});

describe('what both backends share', () => {
  it('warms the decay of the moving average up', () => {
    expect([0, 1, 10, 1e6].map((steps) => averageDecay(0.99, steps))).toEqual([0.1, 2 / 11, 11 / 20, 0.99]);
  });

  it('sums cross-entropies and ignores rows without a label', () => {
    const logits = Float32Array.of(0, Math.log(3), 1000, 0, 5, 5);
    const { correct, loss } = crossEntropyOf(logits, Uint16Array.of(1, 1), 2);
    expect(correct).toBe(1);
    expect(loss).toBeCloseTo(Math.log(4 / 3) + 1000, 3);
    expect(crossEntropyOf(Float32Array.of(5, 5), Uint16Array.of(0), 2).correct).toBe(1);
    expect(crossEntropyOf(Float32Array.of(NaN, NaN), Uint16Array.of(1), 2).loss).toBeNaN();
  });
});
