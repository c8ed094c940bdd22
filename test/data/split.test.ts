import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { quotas, stratifiedSample, stratifiedSplit } from '../../src/data/split.js';

const labelling = fc
  .integer({ min: 1, max: 6 })
  .chain((classes) =>
    fc.tuple(
      fc.constant(classes),
      fc.array(fc.integer({ min: 0, max: classes - 1 }), { minLength: 1, maxLength: 200 }),
    ),
  );

function countsOf(labels: readonly number[], rows: Int32Array, classes: number): number[] {
  const counts = Array.from({ length: classes }, () => 0);
  for (const row of rows) counts[labels[row]!]!++;
  return counts;
}

describe('stratifiedSplit', () => {
  it('parts the rows, keeps each class on both sides and its share within one picture', () => {
    fc.assert(
      fc.property(labelling, fc.double({ min: 0.01, max: 0.99, noNaN: true }), ([classes, labels], share) => {
        const { train, validation } = stratifiedSplit(labels, classes, share, createRng(1));
        const all = [...train, ...validation].sort((a, b) => a - b);
        expect(all).toEqual(labels.map((_, row) => row));
        expect([...train]).toEqual([...train].sort((a, b) => a - b));
        const whole = countsOf(labels, Int32Array.from(all), classes);
        const held = countsOf(labels, validation, classes);
        const even = Math.round(labels.length * share) / labels.length;
        whole.forEach((count, label) => {
          if (count < 2) {
            expect(held[label]).toBe(0);
            return;
          }
          expect(held[label]).toBeGreaterThanOrEqual(1);
          expect(held[label]).toBeLessThan(count);
          expect(Math.abs(held[label]! - count * even)).toBeLessThanOrEqual(1);
        });
      }),
    );
  });

  it('is the same for the same seed and another for another', () => {
    const labels = Array.from({ length: 100 }, (_, row) => row % 4);
    const of = (seed: number) => stratifiedSplit(labels, 4, 0.2, createRng(seed)).validation;
    expect(of(1)).toEqual(of(1));
    expect(of(1)).not.toEqual(of(2));
    expect(of(1)).toHaveLength(20);
  });
});

describe('stratifiedSample', () => {
  it('takes exactly the limit, evenly', () => {
    const labels = Array.from({ length: 1000 }, (_, row) => (row < 700 ? 0 : 1));
    const rows = stratifiedSample(labels, 2, 100, createRng(1));
    expect(countsOf(labels, rows, 2)).toEqual([70, 30]);
    expect(new Set(rows).size).toBe(100);
  });

  it('takes all when there are no more', () => {
    expect(stratifiedSample([0, 1, 1], 2, 3, createRng(1))).toEqual(Int32Array.from([0, 1, 2]));
  });
});

describe('quotas', () => {
  it('sum up to the total and exceed no class', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(50), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (counts, share) => {
          const sum = counts.reduce((a, b) => a + b, 0);
          const total = Math.round(sum * share);
          const taken = quotas(counts, total);
          expect(taken.reduce((a, b) => a + b, 0)).toBe(total);
          taken.forEach((n, k) => expect(n).toBeLessThanOrEqual(counts[k]!));
        },
      ),
    );
  });
});
