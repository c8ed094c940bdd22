import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareIntervals, mad, mean, median, quantile, standardDeviation } from '../../src/core/index.js';

// Without −0, which Math.min takes for less than 0.
const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);
const numbers = fc.array(number, { minLength: 1, maxLength: 30 });

describe('statistics', () => {
  it('are what one works out by hand', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(standardDeviation([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(mad([1, 1, 2, 2, 4, 6, 9])).toBe(1);
    // R: quantile(c(1, 2, 4, 8), c(0.1, 0.95)), type 7
    expect(quantile([8, 1, 4, 2], 0.1)).toBeCloseTo(1.3, 12);
    expect(quantile([8, 1, 4, 2], 0.95)).toBeCloseTo(7.4, 12);
  });

  it('of no values are none, of one value it and no spread', () => {
    expect([mean([]), median([]), quantile([], 0.3), mad([])]).toEqual([NaN, NaN, NaN, NaN]);
    expect([standardDeviation([]), standardDeviation([3]), mad([3])]).toEqual([0, 0, 0]);
    expect([quantile([3], 0), quantile([3], 0.7), quantile([3], 1)]).toEqual([3, 3, 3]);
  });

  it('has quantiles that rise from the least to the most, and leaves the values in their order', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const before = [...values];
        const [least, at, most] = [0, q, 1].map((share) => quantile(values, share)) as [
          number,
          number,
          number,
        ];
        expect(least).toBe(Math.min(...values));
        expect(most).toBe(Math.max(...values));
        expect(at).toBeGreaterThanOrEqual(least);
        expect(at).toBeLessThanOrEqual(most);
        expect(values).toEqual(before);
      }),
    );
  });
});

describe('compareIntervals', () => {
  it('distinguishes only what has no point in common', () => {
    const one = { low: 1, high: 2 };
    expect(compareIntervals(one, { low: 3, high: 4 })).toBe('below');
    expect(compareIntervals({ low: 3, high: 4 }, one)).toBe('above');
    expect(compareIntervals(one, { low: 2, high: 4 })).toBe('touching');
    expect(compareIntervals(one, { low: 0, high: 9 })).toBe('touching');
  });
});
