import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRng, quantile } from '../../src/core/index.js';
import { fastDecileInterval, fastDecileMedian } from '../../src/latency/protocol/estimator.js';

const times = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 80 });

describe('fastDecileMedian', () => {
  it('is the median of the fastest tenth: the 5 % quantile', () => {
    fc.assert(
      fc.property(times, (samples) => {
        expect(fastDecileMedian(samples)).toBeCloseTo(quantile(samples, 0.05), 9);
      }),
    );
    expect(fastDecileMedian([])).toBeNaN();
  });
});

describe('fastDecileInterval', () => {
  it('is that of resampled rounds, as counted out at length', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 8 }), fc.integer(), (bursts, seed) => {
        const found = fastDecileInterval(bursts, null, createRng(seed), 41);
        const rng = createRng(seed);
        const centres = Array.from({ length: 41 }, () =>
          quantile(
            bursts.flatMap(() => bursts[rng.integer(bursts.length)] ?? []),
            0.05,
          ),
        ).sort((a, b) => a - b);
        expect(found.low).toBeCloseTo(centres[1] ?? NaN, 9);
        expect(found.high).toBeCloseTo(centres[39] ?? NaN, 9);
      }),
    );
  });

  it('with a reference that shares every slowness, is narrow where the network alone is all over the place', () => {
    const rng = createRng('shared');
    const pace = Array.from({ length: 20 }, () => 1 + 2 * rng.uniform());
    const bursts = (ms: number) =>
      pace.map((slow) => Array.from({ length: 10 }, () => ms * slow * (1 + 0.005 * rng.uniform())));
    const alone = fastDecileInterval(bursts(2), null, createRng(1), 200);
    const relative = fastDecileInterval(bursts(2), bursts(1), createRng(1), 200);
    expect((alone.high - alone.low) / alone.low).toBeGreaterThan(0.1);
    expect((relative.high - relative.low) / relative.low).toBeLessThan(0.01);
    expect(Math.abs((relative.low + relative.high) / 4 - 1)).toBeLessThan(0.01);
  });
});
