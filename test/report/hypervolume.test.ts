import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hypervolume, referencePoint } from '../../src/report/view/hypervolume.js';

const reference = { referenceMs: 4, referenceAccuracy: 0.5 };
const point = fc.record({
  latencyMs: fc.double({ min: 0, max: 6, noNaN: true }),
  accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
});
const share = (points: readonly { latencyMs: number; accuracy: number }[]): number =>
  hypervolume(points, reference)?.share ?? 0;

describe('hypervolume', () => {
  it('is the area of a staircase by hand', () => {
    const points = [
      { latencyMs: 1, accuracy: 0.6 },
      { latencyMs: 2, accuracy: 0.8 },
      { latencyMs: 3, accuracy: 0.9 },
    ];
    // (4−1)·0.1 + (4−2)·0.2 + (4−3)·0.1 = 0.8 of a box of 4·0.5 = 2
    expect(share(points)).toBeCloseTo(0.4, 12);
    expect(share(points.toReversed())).toBeCloseTo(0.4, 12);
  });

  it('is none without points, and 0 for points that do not beat the reference point in both', () => {
    expect(hypervolume([], reference)).toBeNull();
    expect(
      share([
        { latencyMs: 4, accuracy: 1 },
        { latencyMs: 1, accuracy: 0.5 },
        { latencyMs: 9, accuracy: 0.2 },
      ]),
    ).toBe(0);
  });

  it('is 1 for a network that is always right in no time', () => {
    expect(share([{ latencyMs: 0, accuracy: 1 }])).toBe(1);
  });

  it('never falls when a point is added, and does not rise for a beaten one', () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 20 }), point, (points, more) => {
        const before = share(points);
        const after = share([...points, more]);
        expect(after).toBeGreaterThanOrEqual(before - 1e-12);
        expect(after).toBeLessThanOrEqual(1 + 1e-12);
        const beaten = points.some((p) => p.latencyMs <= more.latencyMs && p.accuracy >= more.accuracy);
        if (beaten) expect(after).toBeCloseTo(before, 12);
      }),
    );
  });

  it('agrees with counting a grid of cells', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ latencyMs: fc.integer({ min: 0, max: 20 }), tenths: fc.integer({ min: 0, max: 10 }) }),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        (cells) => {
          const points = cells.map(({ latencyMs, tenths }) => ({ latencyMs, accuracy: tenths / 10 }));
          let beaten = 0;
          for (let ms = 0; ms < 16; ms++)
            for (let tenth = 0; tenth < 10; tenth++)
              if (cells.some((cell) => cell.latencyMs <= ms && cell.tenths > tenth)) beaten++;
          const found = hypervolume(points, { referenceMs: 16, referenceAccuracy: 0 })?.share;
          expect(found).toBeCloseTo(beaten / 160, 9);
        },
      ),
    );
  });

  it('is measured from twice the target and the accuracy of guessing', () => {
    expect(referencePoint(2, 10)).toEqual({ referenceMs: 4, referenceAccuracy: 0.1 });
  });
});
