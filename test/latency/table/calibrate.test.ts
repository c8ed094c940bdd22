import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/index.js';
import { calibrate, type Facts, type Observation } from '../../../src/latency/table/build/calibrate.js';

function observations(count: number, measured: (facts: Facts) => number): Observation[] {
  const rng = createRng('calibrate');
  return Array.from({ length: count }, () => {
    const facts = {
      sumMs: 0.5 + 2 * rng.uniform(),
      segments: 10 + rng.integer(10),
      weights: 1e10 * (1 + rng.integer(20)) ** 2,
    };
    return { ...facts, measuredMs: measured(facts) };
  });
}

const facts = { sumMs: 1.4, segments: 14, weights: 8.1e11 };

describe('calibrate', () => {
  it('leaves a correct sum unchanged', () => {
    const { correct } = calibrate(observations(10, ({ sumMs }) => sumMs));
    expect(correct(facts)).toBeCloseTo(1.4, 6);
  });

  it('finds a factor, a cost per segment and a cost of weights', () => {
    const truth = ({ sumMs, segments, weights }: typeof facts) =>
      1.2 * sumMs + 0.01 * segments + 1e-13 * weights;
    const { correct, leftOut } = calibrate(observations(10, truth));
    expect(correct(facts) / truth(facts)).toBeCloseTo(1, 1.5);
    expect(Math.max(...leftOut.map((ratio) => Math.abs(ratio - 1)))).toBeLessThan(0.06);
  });

  it('takes little from the sum for a little noise', () => {
    const rng = createRng('noise');
    const { correct } = calibrate(observations(10, ({ sumMs }) => sumMs * (1 + 0.03 * rng.normal())));
    expect(Math.abs(correct(facts) / 1.4 - 1)).toBeLessThan(0.03);
  });

  it('is not led astray by a network that was measured badly', () => {
    const good = observations(10, ({ sumMs, segments }) => 1.1 * sumMs + 0.01 * segments);
    const truth = 1.1 * facts.sumMs + 0.01 * facts.segments;
    for (const index of [0, 4, 9]) {
      const tainted = good.map((one, i) =>
        i === index ? { ...one, measuredMs: 1.6 * one.measuredMs } : one,
      );
      expect(Math.abs(calibrate(tainted).correct(facts) / truth - 1)).toBeLessThan(0.03);
    }
    const unsure = good.map((one, i) =>
      i < 4 ? { ...one, measuredMs: 1.15 * one.measuredMs, width: 0.5 } : one,
    );
    expect(Math.abs(calibrate(unsure).correct(facts) / truth - 1)).toBeLessThan(0.03);
  });

  it('does not correct by fewer than three networks', () => {
    const { correct, leftOut, networks } = calibrate(observations(2, ({ sumMs }) => 2 * sumMs));
    expect([correct(facts), leftOut, networks]).toEqual([1.4, [], 2]);
  });

  it('stays within a factor of three far from what it was fitted to', () => {
    const { correct } = calibrate(observations(10, ({ segments }) => 0.1 * segments));
    for (const sumMs of [0.001, 1, 1000]) {
      const value = correct({ sumMs, segments: 500, weights: 1e18 });
      expect(value).toBeGreaterThanOrEqual(sumMs / 3.001);
      expect(value).toBeLessThanOrEqual(sumMs * 3.001);
    }
  });
});
