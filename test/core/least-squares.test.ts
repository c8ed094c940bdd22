import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, nonNegativeLeastSquares } from '../../src/core/index.js';

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);

describe('nonNegativeLeastSquares', () => {
  it('finds weights that made the targets', () => {
    const rng = createRng('exact');
    const truth = [0.5, 0, 2, 1];
    const rows = Array.from({ length: 30 }, () => truth.map(() => rng.uniform()));
    const found = nonNegativeLeastSquares(
      rows,
      rows.map((row) => dot(row, truth)),
      1e-9,
    );
    found.forEach((value, i) => expect(value).toBeCloseTo(truth[i]!, 4));
  });

  it('gives 0 where the best weight is negative', () => {
    expect(nonNegativeLeastSquares([[1], [2]], [-1, -2], 1e-6)).toEqual([0]);
  });

  it('meets the conditions of an optimum: no slope inward, none at a weight above 0', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 8 }),
        (seed, width) => {
          const rng = createRng(seed);
          const rows = Array.from({ length: 15 }, () => Array.from({ length: width }, () => rng.normal()));
          const targets = rows.map(() => rng.normal());
          const ridge = 0.1;
          const weights = nonNegativeLeastSquares(rows, targets, ridge);
          for (let i = 0; i < width; i++) {
            const slope =
              rows.reduce((sum, row, k) => sum + row[i]! * (dot(row, weights) - targets[k]!), 0) +
              ridge * weights[i]!;
            if (weights[i]! > 0) expect(Math.abs(slope)).toBeLessThan(1e-4);
            else expect(slope).toBeGreaterThan(-1e-4);
          }
        },
      ),
    );
  });

  it('ends at the optimum where columns say almost the same', () => {
    const rng = createRng('same');
    const rows = Array.from({ length: 40 }, () => {
      const common = rng.uniform();
      return Array.from({ length: 20 }, () => common + 0.01 * rng.uniform());
    });
    const targets = rows.map((row) => row[3]! + 2 * row[7]! + 0.001 * rng.normal());
    const ridge = 1e-6;
    const weights = nonNegativeLeastSquares(rows, targets, ridge);
    weights.forEach((weight, i) => {
      const slope =
        rows.reduce((sum, row, k) => sum + row[i]! * (dot(row, weights) - targets[k]!), 0) + ridge * weight;
      if (weight > 0) expect(Math.abs(slope)).toBeLessThan(1e-9);
      else expect(slope).toBeGreaterThan(-1e-9);
    });
  });

  it('takes equal columns, of any size, and columns of nothing', () => {
    const amounts = [1e6, 2e6, 3e6];
    const weights = nonNegativeLeastSquares(
      amounts.map((x) => [x, x, 0]),
      amounts.map((x) => 2 * x),
      1e-9,
    );
    expect(weights.every((weight) => weight >= 0)).toBe(true);
    expect(weights[0]! + weights[1]!).toBeCloseTo(2, 9);
    expect(weights[2]).toBe(0);
    expect(nonNegativeLeastSquares([[], []], [1, 2], 1)).toEqual([]);
  });

  it('refuses lengths that do not fit', () => {
    expect(() => nonNegativeLeastSquares([[1], [1, 2]], [1, 2], 1)).toThrow(RangeError);
    expect(() => nonNegativeLeastSquares([[1]], [], 1)).toThrow(RangeError);
  });
});
