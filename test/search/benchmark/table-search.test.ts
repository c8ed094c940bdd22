import { describe, expect, it } from 'vitest';
import {
  createStrategy,
  goalWithin,
  mostAccurate,
  regretOf,
  returnedOf,
  searchTable,
  TABLE_STRATEGIES,
  type Entry,
} from '../../../src/search/index.js';
import { cell, madeUpCsv, tableOf } from './tables.js';

const table = tableOf(madeUpCsv());
const search = (strategy: string, trials: number, of = table, targetMs = 8): readonly Entry[] => {
  let tried: readonly Entry[] = [];
  searchTable(of, { strategy, targetMs, trials, seed: 1 }, ({ entries }) => {
    tried = [...entries];
  });
  return tried;
};

describe.each(TABLE_STRATEGIES)('%s on a table', (name) => {
  it('tries different networks within the target, the same with the same seed', () => {
    const tried = search(name, 25);
    expect(tried).toHaveLength(25);
    expect(new Set(tried).size).toBe(25);
    expect(tried.filter(({ latencyMs }) => latencyMs > 8)).toEqual([]);
    expect(search(name, 25)).toEqual(tried);
  });

  it('tries no more networks than there are within the target, of a table that lacks most of the space', () => {
    const few = tableOf(madeUpCsv(977));
    const within = few.entries.filter(({ latencyMs }) => latencyMs <= 8);
    expect(within.length).toBeGreaterThan(3);
    expect(within.length).toBeLessThan(few.entries.length);
    expect(new Set(search(name, 100, few))).toEqual(new Set(within));
  });

  it('never learns the final accuracy', () => {
    const blind = tableOf(madeUpCsv().replace(/,(\d+),([\d.]+)$/gm, ',50,$2'));
    const genomes = (entries: readonly Entry[]) => entries.map(({ genome }) => genome);
    expect(genomes(search(name, 25, blind))).toEqual(genomes(search(name, 25)));
  });
});

describe('regret', () => {
  const small = tableOf(
    [
      'arch,short,final,ms',
      `${cell([0, 0, 0, 0, 0, 0])},70,88,1`,
      `${cell([1, 0, 0, 0, 0, 0])},71,86,2`,
      `${cell([2, 0, 0, 0, 0, 0])},60,90,2`,
      `${cell([3, 0, 0, 0, 0, 0])},90,95,3`,
    ].join('\n'),
  );

  it('is counted from the best network within the target, as is that of a perfect optimiser of the short accuracy', () => {
    expect(goalWithin(small, 2)).toEqual({ targetMs: 2, networks: 3, best: 90, oracle: 4 });
    expect(goalWithin(small, 3)).toEqual({ targetMs: 3, networks: 4, best: 95, oracle: 0 });
    expect(goalWithin(small, 0.5)).toBeUndefined();
    expect(mostAccurate(small.entries).final).toBe(95);
  });

  it('is that of what the strategy takes for the most accurate, or of the best of its finalists', () => {
    const taught = createStrategy('random', { space: small.space, seed: '1' });
    const tried = (estimates: readonly number[] | null) => ({
      entries: small.entries,
      strategy: { ...taught, estimates: () => estimates },
    });
    const chosen = (estimates: readonly number[] | null, finalists: number): number =>
      small.entries.indexOf(returnedOf(tried(estimates), finalists));
    expect(chosen([0, 3, 2, 1], 1)).toBe(1);
    expect(chosen([0, 3, 2, 1], 2)).toBe(2);
    expect(chosen([0, 3, 2, 1], 3)).toBe(3);
    expect(chosen(null, 1)).toBe(3);
    expect(
      small.entries.indexOf(returnedOf({ entries: small.entries.slice(0, 3), strategy: taught }, 1)),
    ).toBe(1);
  });

  it("has Student's interval, cut at 0", () => {
    expect(regretOf([1, 2, 3])).toEqual({ regret: 2, low: 0, high: expect.closeTo(2 + 2.484, 3) as number });
    const ten = regretOf([1, 1, 1, 1, 1, 2, 2, 2, 2, 2]);
    // t of 9 degrees of freedom is 2.262; deviation 0.5270.
    expect(ten.low).toBeCloseTo(1.5 - (2.262 * 0.527) / Math.sqrt(10), 3);
    expect(ten.high).toBeCloseTo(1.5 + (2.262 * 0.527) / Math.sqrt(10), 3);
    expect(regretOf([3])).toEqual({ regret: 3, low: null, high: null });
  });
});
