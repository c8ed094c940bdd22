import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PHASES, secondsFor, sharesOf, type Phase } from '../../src/app/start/time-plan.js';

const budget = fc.double({ min: 0, max: 1e6, noNaN: true });
/** Of its allowance, what a phase really takes. */
const usage = fc.tuple(...PHASES.map(() => fc.double({ min: 0, max: 1, noNaN: true })));

/** Allowances, one phase after the other, when each uses the given share of it. */
function allowances(seconds: number, used: readonly number[]): Record<Phase, number> {
  let left = seconds;
  const entries = PHASES.map((phase, index) => {
    const allowed = secondsFor(phase, left, seconds);
    left -= allowed * (used[index] ?? 0);
    return [phase, allowed] as const;
  });
  return Object.fromEntries(entries) as Record<Phase, number>;
}

describe('the time plan', () => {
  it('divides the whole', () => {
    fc.assert(
      fc.property(budget, (seconds) => {
        const shares = sharesOf(seconds);
        expect(PHASES.reduce((sum, phase) => sum + shares[phase], 0)).toBeCloseTo(1, 12);
        for (const phase of PHASES) expect(shares[phase]).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('gives most of a short budget to the final training, less of a long one, and seconds to the export', () => {
    for (const [seconds, retrain] of [
      [60, 0.82],
      [360, 0.82],
      [15 * 60, 0.7],
    ] as const) {
      const shares = sharesOf(seconds);
      expect(shares.retrain).toBeCloseTo(retrain * (1 - shares.export), 12);
      expect(shares.refine).toBe(0);
    }
    expect(sharesOf(720).search).toBeGreaterThan(sharesOf(360).search);
    expect(sharesOf(3600).refine).toBeGreaterThan(0.05);
    for (const seconds of [8 * 3600, 48 * 3600]) {
      const shares = sharesOf(seconds);
      expect(shares.retrain).toBeCloseTo(0.3 * (1 - shares.export), 12);
      expect(shares.refine).toBeCloseTo(0.2 * (1 - shares.export), 12);
    }
    expect(3600 * sharesOf(3600).export).toBeCloseTo(10, 9);
    expect(sharesOf(100).export).toBe(0.04);
  });

  it('gives each phase exactly its share when those before used theirs', () => {
    fc.assert(
      fc.property(budget, (seconds) => {
        const given = allowances(seconds, [1, 1, 1, 1, 1]);
        for (const phase of PHASES) expect(given[phase]).toBeCloseTo(seconds * sharesOf(seconds)[phase], 4);
      }),
    );
  });

  it('never gives more than what is left, for any use by the phases', () => {
    fc.assert(
      fc.property(budget, usage, (seconds, used) => {
        const given = allowances(seconds, used);
        const spent = PHASES.reduce((sum, phase, index) => sum + given[phase] * (used[index] ?? 0), 0);
        expect(spent).toBeLessThanOrEqual(seconds * (1 + 1e-9));
        for (const phase of PHASES) expect(given[phase]).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('hands on what a phase leaves: those after it get more, in their proportion, and the last one all', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), usage, (seconds, used) => {
        const given = allowances(seconds, used);
        const [search = 0, refine = 0, finalists = 0, retrain = 0] = used;
        const early = given.search * search + given.refine * refine + given.finalists * finalists;
        const left = seconds - early - given.retrain * retrain;
        expect(given.export).toBeCloseTo(left, 4);
        expect(given.refine).toBeGreaterThanOrEqual(seconds * sharesOf(seconds).refine * (1 - 1e-9));
        expect(given.retrain).toBeGreaterThanOrEqual(seconds * sharesOf(seconds).retrain * (1 - 1e-9));
      }),
    );
  });

  it('gives nothing when nothing is left', () => {
    for (const phase of PHASES) {
      expect(secondsFor(phase, 0, 600)).toBe(0);
      expect(secondsFor(phase, -5, 600)).toBe(0);
    }
  });
});
