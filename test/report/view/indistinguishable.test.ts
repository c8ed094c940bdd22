import { describe, expect, it } from 'vitest';
import { compareLatencies } from '../../../src/latency/index.js';
import { isSignificant } from '../../../src/netadapt/candidates.js';
import { frontierSummary, trialTable } from '../../../src/report/index.js';
import { htmlSummary } from '../../../src/report/html/summary.js';
import {
  indistinguishableOnFrontier,
  indistinguishablePairs,
  indistinguishableText,
} from '../../../src/report/view/indistinguishable.js';
import { pointColumns } from '../../../src/report/view/point-columns.js';
import type { StudyView } from '../../../src/report/view/view.js';
import { latency } from '../../../src/testing/index.js';
import { row } from './fixtures.js';

/** Neighbours that differ, neighbours that touch in one point, and a wide interval that reaches past its neighbour. */
const FRONT = [
  row(3, 0.5, 1, { latencyLowMs: 0.9, latencyHighMs: 1.2 }),
  row(1, 0.6, 1.5, { latencyLowMs: 1.2, latencyHighMs: 3.1 }),
  row(2, 0.7, 2.1, { latencyLowMs: 2.01, latencyHighMs: 2.2 }),
  row(7, 0.8, 3, { latencyLowMs: 3, latencyHighMs: 3.2 }),
  row(9, 0.9, 4, { latencyLowMs: 3.9, latencyHighMs: 4.1 }),
];
const PAIRS = [
  [3, 1],
  [1, 2],
  [1, 7],
];
const style = { width: 120, colour: false };

describe('who is indistinguishable in latency on the frontier', () => {
  it('are those whose intervals touch, the faster first, also beyond neighbours', () => {
    expect(indistinguishablePairs(indistinguishableOnFrontier(FRONT))).toEqual(PAIRS);
    expect(indistinguishableText(indistinguishablePairs(indistinguishableOnFrontier(FRONT)))).toBe(
      '3 ≈ 1; 1 ≈ 2 and 7',
    );
    expect(indistinguishableOnFrontier([])).toEqual(new Map());
    const crowded = indistinguishablePairs(
      indistinguishableOnFrontier(Array.from({ length: 20 }, (_, id) => row(id + 1, 0.5, 1))),
    );
    expect(crowded).toHaveLength(190);
    expect(indistinguishableText(crowded)).toMatch(/^1 ≈ 2, 3, .* and 13; and 178 more pairs$/);
  });

  it('is none without an interval, and none of another device', () => {
    const bare = row(2, 0.6, 1, { latencyLowMs: null, latencyHighMs: null });
    const other = row(4, 0.7, 1, { fingerprint: 'other' });
    const found = indistinguishableOnFrontier([row(1, 0.5, 1), bare, other, row(3, 0.8, 1)]);
    expect(indistinguishablePairs(found)).toEqual([[1, 3]]);
  });

  it('is the same to nas compare, NetAdapt, the terminal, the page and the summary of a report', () => {
    const indistinguishable = indistinguishableOnFrontier(FRONT);
    const records = FRONT.map(({ trial, latencyMs, latencyLowMs, latencyHighMs }) => ({
      trial,
      ...latency(latencyMs!, { lowMs: latencyLowMs!, highMs: latencyHighMs! }),
    }));
    for (const [index, faster] of records.entries())
      for (const slower of records.slice(index + 1)) {
        const touch = indistinguishable.get(faster.trial)!.includes(slower.trial);
        expect(indistinguishable.get(slower.trial)!.includes(faster.trial)).toBe(touch);
        expect(compareLatencies(faster, slower)).toBe(touch ? 'indistinguishable' : 'faster');
        expect(isSignificant({ before: slower, after: faster })).toBe(!touch);
      }

    const hypervolume = { share: 0.5, referenceMs: 8, referenceAccuracy: 0.1 };
    const summary = frontierSummary(
      { result: null, best: undefined, frontier: FRONT, hypervolume, indistinguishable },
      style,
    );
    expect(summary).toContain(
      `indistinguishable in latency: ${indistinguishableText(indistinguishablePairs(indistinguishable))} (`,
    );
    const cells = trialTable(FRONT, style, { indistinguishable }).split('\n').slice(1);
    for (const { trial } of FRONT) {
      const line = cells.find((one) => Number(/\d+/.exec(one)?.[0]) === trial)!;
      const others = [...line.matchAll(/≈ (\d+)/g)].map(([, other]) => Number(other));
      expect(others).toEqual(indistinguishable.get(trial));
    }

    const view = {
      head: {
        ...{ name: 's', data: 'd', space: 'x', strategy: 'r', seed: '1' },
        targets: [],
        settings: [],
        environment: [],
        createdAt: 0,
      },
      ...{
        asOf: 0,
        counts: {},
        result: null,
        scaling: null,
        best: null,
        hypervolume: null,
        choiceImportance: [],
      },
      ...{
        frontier: FRONT.map(({ trial }) => trial),
        points: pointColumns(FRONT),
        indistinguishable: indistinguishablePairs(indistinguishable),
      },
    } as unknown as StudyView;
    const html = htmlSummary(view);
    expect(html).toMatch(/row">1<.*<td>trial 3, 2, 7<\/td>/);
    expect(html).toMatch(/row">9<.*<td>none: all others differ<\/td>/);
  });
});
