import { describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/index.js';
import { frontierSummary, studySummary } from '../../../src/report/index.js';
import { axisOf, SHARES } from '../../../src/report/terminal/pictures/ticks.js';
import { controllerView, entropyOf } from '../../../src/report/view/controller.js';
import { choiceImportances } from '../../../src/report/view/choice-importance.js';
import { finalResult } from '../../../src/report/view/result.js';
import { shareBounds } from '../../../src/report/view/share-bounds.js';
import { createMemoryStore, recordController, type TrialRow } from '../../../src/trials/index.js';
import { STUDY } from '../../../src/testing/index.js';
import { row } from './fixtures.js';

const style = { width: 120, colour: false };
const PROXY = row(1, 0.816, 1.9);
const FINAL = row(2, 0.925, 1.8, { kind: 'retrain', parent: 1 });

describe('the final result of a study', () => {
  it('is the most accurate retrained network within the targets, else the latest, which misses them', () => {
    const slow = row(3, 0.95, 2.5, { kind: 'retrain' });
    expect(finalResult([PROXY, FINAL, slow], 2)).toEqual({ row: FINAL, meets: true });
    expect(finalResult([PROXY, FINAL, slow], 1)).toEqual({ row: slow, meets: false });
    const further = { platform: 'chromium', fingerprint: 'g', source: 'measured', targetMs: 3 } as const;
    const also = [{ ...further, medianMs: ms(4), lowMs: 4, highMs: 4 }];
    expect(finalResult([row(4, 0.9, 1, { kind: 'retrain', also })], 2)?.meets).toBe(false);
    expect(finalResult([PROXY, row(5, 0.9, 1, { kind: 'retrain', state: 'running' })], 2)).toBeNull();
  });

  it('stands first in every summary, before the best of the search, which is called a proxy', () => {
    const result = { row: FINAL, meets: true };
    const summary = {
      result,
      best: PROXY,
      frontier: [PROXY],
      hypervolume: null,
      indistinguishable: new Map(),
    };
    const texts = [studySummary(STUDY, [PROXY, FINAL], 2, style), frontierSummary(summary, style)];
    for (const text of texts) {
      const [final, proxy] = [text.indexOf('92.50 % on the test set'), text.indexOf('81.60 % on held-out')];
      expect(final).toBeGreaterThan(0);
      expect(proxy).toBeGreaterThan(final);
      expect(text).toContain('1.80 ms (1.620–1.980 ms), meets the target');
      expect(text).toMatch(/^proxy best .*trial 1: /m);
    }
  });
});

describe('an axis of shares', () => {
  it('never leaves 0 and 100 %, on the page and in the terminal', () => {
    for (const [low, high] of [
      [0.7, 0.7],
      [1, 1],
      [0, 0],
      [0.2, 0.98],
      [0.9, 0.97],
    ] as const) {
      const [least, most] = shareBounds(low, high);
      expect(least ?? 0).toBeGreaterThanOrEqual(0);
      expect(most ?? 1).toBeLessThanOrEqual(1);
      const axis = axisOf(low, high, 4, SHARES);
      expect(axis.low).toBeGreaterThanOrEqual(0);
      expect(axis.high).toBeLessThanOrEqual(1);
      expect(axis.high).toBeGreaterThan(axis.low);
      expect(Math.max(...axis.ticks)).toBeLessThanOrEqual(1);
    }
    expect(shareBounds(0.5, 0.6)).toEqual([null, null]);
    expect(shareBounds(0.816, 0.816)[1]).toBeLessThan(0.9);
  });
});

describe('a choice of the space', () => {
  it('is never varied, within chance or measurable', () => {
    const choices = [
      { name: 'kernel', options: [3, 5] },
      { name: 'skip', options: ['id', 'no'] },
      { name: 'width', options: [1, 2] },
    ];
    const rows = Array.from({ length: 12 }, (_, i) => row(i + 1, i % 2 === 0 ? 0.4 : 0.8, 1));
    const genomes = new Map(rows.map(({ trial }, i) => [trial, [i % 2, Math.floor(i / 2) % 2, 0]]));
    const choiceImportance = choiceImportances(rows, genomes, choices, rows.slice(0, 1));
    expect(choiceImportance.map(({ choice, standing }) => [choice, standing])).toEqual([
      ['kernel', 'measurable'],
      ['skip', 'within chance'],
      ['width', 'never varied'],
    ]);
  });
});

describe('the view of the controller', () => {
  const CHOICES = [
    { choice: 'a', options: ['1', '2'] },
    { choice: 'b', options: ['only'] },
  ];
  const ended = (trial: number, over: Partial<TrialRow>): TrialRow => row(trial, 0.5, 1, over);
  const rows = [
    ended(1, { state: 'infeasible', latencySource: 'predicted' }),
    ended(2, { state: 'infeasible' }),
    ended(3, {}),
    ended(4, { state: 'failed' }),
    ended(5, { state: 'infeasible', latencySource: 'predicted' }),
    ended(6, {}),
    ended(7, { kind: 'retrain' }),
  ];

  it('says after how many trials the controller collapsed, and what it had learned from until then', () => {
    const store = createMemoryStore(STUDY);
    const history = recordController(store, CHOICES);
    const all = [0.5, 0.6, 0.9999, 0.8, 0.9999, 1, 1];
    for (const [reported, p] of all.entries()) history.record(reported, () => [[p, 1 - p], [1]]);
    const view = controllerView(store, rows)!;
    expect(view.entropy[0]).toBeCloseTo(1, 9);
    expect(view.entropy.at(-1)).toBe(0);
    expect(view.collapsedAt).toBe(4);
    expect(view.learned).toEqual({ trained: 1, timed: 1, predicted: 1 });
  });

  it('counts all that it learned from where it did not collapse', () => {
    const store = createMemoryStore(STUDY);
    const history = recordController(store, CHOICES);
    for (let reported = 0; reported <= 6; reported++) history.record(reported, () => [[0.5, 0.5], [1]]);
    const view = controllerView(store, rows)!;
    expect(view.collapsedAt).toBeNull();
    expect(view.learned).toEqual({ trained: 2, timed: 1, predicted: 2 });
    expect(entropyOf([[1], [1]])).toBe(1);
  });
});
