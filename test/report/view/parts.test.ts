import { describe, expect, it } from 'vitest';
import { createRng, ms } from '../../../src/core/index.js';
import { predictionErrorView } from '../../../src/report/view/prediction-error.js';
import { bestSoFar } from '../../../src/report/view/best-so-far.js';
import { interestingTrials } from '../../../src/report/view/interesting.js';
import { kendall } from '../../../src/report/view/kendall.js';
import { nameValues } from '../../../src/report/view/name-values.js';
import { studentT } from '../../../src/report/view/student.js';
import type { StudyView } from '../../../src/report/view/view.js';
import { frontier } from '../../../src/trials/index.js';
import { row } from './fixtures.js';

describe('the best so far', () => {
  const steps = (rows: Parameters<typeof bestSoFar>[0]) => bestSoFar(rows, frontier(rows), 2);

  it('counts finished trials in order of time, and reports each that raised it', () => {
    const rows = [
      row(1, 0.5, 1, { finishedAt: 30 }),
      row(2, 0.4, 1, { finishedAt: 10 }),
      row(3, 0.6, 1, { finishedAt: 40, state: 'failed', accuracy: null }),
      row(4, 0.45, 1, { finishedAt: 50 }),
      row(5, 0.7, 1, { finishedAt: 60 }),
      row(6, 0.9, 1, { state: 'running', accuracy: null, finishedAt: null }),
    ];
    expect(steps(rows)).toEqual([
      [1, 0.4, 2],
      [2, 0.5, 1],
      [5, 0.7, 5],
    ]);
  });

  it('leaves out what is over a target on any platform, of another device, or evaluated otherwise', () => {
    const also = (medianMs: number) => [
      {
        ...{ platform: 'p', fingerprint: 'g', source: 'measured' as const, lowMs: 1, highMs: 9 },
        ...{ medianMs: ms(medianMs), targetMs: 5 },
      },
    ];
    const rows = [
      row(1, 0.5, 2, { also: also(5) }),
      row(2, 0.6, 2, { also: also(5.1) }),
      row(3, 0.9, 2.1),
      row(4, 0.9, 1, { kind: 'retrain' }),
      row(5, 0.9, 1, { kind: 'proposal' }),
      row(6, 0.9, 1, { latencySource: 'predicted' }),
      row(7, 0.55, 1, { kind: 'netadapt' }),
    ];
    expect(steps(rows).map(([, , trial]) => trial)).toEqual([1, 7]);
    expect(steps([...rows, row(8, 0.9, 1, { fingerprint: 'other' })]).map(([, , trial]) => trial)).toEqual([
      8,
    ]);
  });

  it('is empty without trials', () => {
    expect(steps([])).toEqual([]);
  });
});

describe("Kendall's tau-b", () => {
  it.each([
    [
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
      1,
    ],
    [
      [
        [1, 3],
        [2, 2],
        [3, 1],
      ],
      -1,
    ],
    // By hand: pairs (1,2)+ (1,3)+ (2,3)−, so (2 − 1) / 3.
    [
      [
        [1, 1],
        [2, 3],
        [3, 2],
      ],
      1 / 3,
    ],
    // One tie in y: 2 of 3 pairs agree, (2) / √(3 · 2).
    [
      [
        [1, 1],
        [2, 1],
        [3, 2],
      ],
      2 / Math.sqrt(6),
    ],
  ] as [[number, number][], number][])('of %j is %d', (pairs, tau) => {
    expect(kendall(pairs)).toBeCloseTo(tau, 12);
  });

  it('agrees with counting every pair, ties and all', () => {
    const rng = createRng('kendall');
    for (let round = 0; round < 50; round++) {
      const pairs = Array.from(
        { length: 2 + rng.integer(40) },
        () => [rng.integer(8), rng.integer(8)] as const,
      );
      let [sum, x, y, all] = [0, 0, 0, 0];
      for (const [i, a] of pairs.entries())
        for (const b of pairs.slice(0, i)) {
          sum += Math.sign(a[0] - b[0]) * Math.sign(a[1] - b[1]);
          all++;
          if (a[0] !== b[0]) x++;
          if (a[1] !== b[1]) y++;
        }
      expect(all).toBe((pairs.length * (pairs.length - 1)) / 2);
      const expected = sum / Math.sqrt(x * y);
      if (Number.isNaN(expected)) expect(kendall(pairs)).toBeNaN();
      else expect(kendall(pairs)).toBeCloseTo(expected, 12);
    }
  });
});

describe('predicted against measured', () => {
  it('pairs what was predicted with what was measured afterwards', () => {
    const rows = [
      row(1, 0.5, 1),
      row(2, 0.5, 2),
      row(3, 0.5, 4),
      row(4, 0.5, 8, { latencySource: 'predicted' }),
      row(5, 0.5, 8),
    ];
    const predicted = new Map([
      [1, 1.1],
      [2, 1.8],
      [3, 4],
      [4, 8],
    ]);
    const view = predictionErrorView(rows, predicted);
    expect(view?.points).toEqual([
      { trial: 1, predictedMs: 1.1, measuredMs: 1 },
      { trial: 2, predictedMs: 1.8, measuredMs: 2 },
      { trial: 3, predictedMs: 4, measuredMs: 4 },
    ]);
    expect(view?.kendall).toBe(1);
    expect(view?.error).toBeCloseTo(0.2 / 3, 12);
    expect(view?.bias).toBeCloseTo(0, 12);
  });

  it('is nothing of fewer than two', () => {
    expect(predictionErrorView([row(1, 0.5, 1)], new Map([[1, 1]]))).toBeNull();
    expect(predictionErrorView([], new Map())).toBeNull();
  });
});

describe("Student's t", () => {
  // Table of quantiles 0.975: NIST/SEMATECH e-Handbook, 1.3.6.7.2.
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [100, 1.984],
  ])('with %i degrees is %d', (degrees, t) => {
    expect(Math.abs(studentT(degrees) - t)).toBeLessThan(0.001);
  });
});

describe('names and values', () => {
  it('of a tree are paths and texts, in order', () => {
    expect(nameValues({ a: 1, b: { c: true, d: [1, 2], e: null }, f: [{ g: 'x' }], h: [], i: {} })).toEqual([
      ['a', '1'],
      ['b.c', 'yes'],
      ['b.d', '1, 2'],
      ['b.e', 'none'],
      ['f[1].g', 'x'],
    ]);
    expect(nameValues('x')).toEqual([['value', 'x']]);
  });

  it('cuts away what is too long or too deep', () => {
    expect(nameValues({ a: Array(100).fill(1) })[0]?.[1]).toMatch(/^(1, ){16}… \(100\)$/);
    expect(nameValues({ a: Array(100).fill({ b: 1 }) })).toEqual([['a', '100 entries']]);
    let deep: Parameters<typeof nameValues>[0] = 1;
    for (let i = 0; i < 5000; i++) deep = { x: deep };
    expect(nameValues(deep)).toEqual([['x.x.x.x.x.x', '…']]);
  });
});

describe('the trials whose pages a report holds', () => {
  const view = (count: number): StudyView => ({
    ...({} as StudyView),
    points: { trial: Array.from({ length: count }, (_, i) => i + 1) } as unknown as StudyView['points'],
    frontier: [7, 3],
    best: 9,
    bestSoFar: [
      [1, 0.5, 2],
      [2, 0.6, 9],
    ],
    lineages: [{ ancestor: 3, members: [{ trial: 3 }, { trial: 600 }] as never }],
  });

  it('are all of a small study', () => {
    expect(interestingTrials(view(500))).toHaveLength(500);
  });

  it('are frontier, best, those that were best, and lineages of a large one', () => {
    expect(interestingTrials(view(501))).toEqual([2, 3, 7, 9, 600]);
  });
});
