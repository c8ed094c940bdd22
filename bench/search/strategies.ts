/**
 * How good are the strategies at small budgets? Searches NAS-Bench-201 with measured latencies under a limit that is held: each
 * strategy × device × limit × seed, one trial after the other through ask and tell. Regret: final accuracy of the best network
 * within the limit less that of the network returned, in points.
 *
 *   npm run bench:search -- CSV [seeds] [strategy,…] [trials,…] > bench/search/strategies.json
 *
 * The CSV's columns: `arch, cifar10_val_acc_12ep, cifar10_test_acc_200ep, latency_ms_DEVICE, …`.
 */
import { availableParallelism, cpus } from 'node:os';
import { basename } from 'node:path';
import { createRng, mean, quantile, standardDeviation, stopwatch } from '../../src/core/index.js';
import { STRATEGY_NAMES } from '../../src/search/index.js';
import { smoothedScores } from './lib/smoothed.js';
import { readTable, type Entry } from './lib/nasbench201.js';
import { search, type Tried } from './lib/table-search.js';

const PERCENTILES = [10, 30, 60];
/** Of the regret: how the returned network is chosen among those tried. */
const CHOICES = ['best', 'smoothed', 'best of 3 trained long', 'best of 10 trained long'] as const;
type Choice = (typeof CHOICES)[number];

const most = (entries: readonly Entry[], column: 'short' | 'final'): Entry =>
  entries.reduce((a, b) => (b[column] > a[column] ? b : a));

function returned(tried: readonly Tried[], seed: number): Record<Choice, Entry> {
  const entries = tried.map(({ entry }) => entry);
  const smoothed = smoothedScores(tried, createRng(seed).fork('smoothed'));
  const first = (count: number) => entries.toSorted((a, b) => b.short - a.short).slice(0, count);
  return {
    best: most(entries, 'short'),
    smoothed: entries[smoothed.indexOf(Math.max(...smoothed))] as Entry,
    'best of 3 trained long': most(first(3), 'final'),
    'best of 10 trained long': most(first(10), 'final'),
  };
}

const round = (value: number): number => Number(value.toFixed(3));
/** Mean and the 95 % interval of it. */
function summary(regrets: readonly number[]) {
  const half = (1.96 * standardDeviation(regrets)) / Math.sqrt(regrets.length);
  return {
    regret: round(mean(regrets)),
    low: round(mean(regrets) - half),
    high: round(mean(regrets) + half),
    runs: regrets.length,
  };
}

const [csv = '', seedCount = '50', names = STRATEGY_NAMES.join(), budgets = '24,50,100,300'] =
  process.argv.slice(2);
const BUDGETS = budgets.split(',').map(Number);
const table = readTable(csv);
const entries = [...table.values()];
const seeds = Number(seedCount);
const limits = Object.keys(entries[0]?.latencyMs ?? {}).flatMap((device) =>
  PERCENTILES.map((percentile) => {
    const msOf = (entry: Entry): number => entry.latencyMs[device] ?? Infinity;
    const limitMs = quantile(entries.map(msOf), percentile / 100);
    const within = entries.filter((entry) => msOf(entry) <= limitMs);
    const best = most(within, 'final').final;
    return {
      device,
      percentile,
      limitMs,
      networks: within.length,
      best,
      oracle: best - most(within, 'short').final,
    };
  }),
);

const strategies = names.split(',').map((strategy) => {
  const regrets = new Map<string, number[]>();
  const note = (key: string, regret: number): void => {
    regrets.set(key, [...(regrets.get(key) ?? []), regret]);
  };
  const elapsed = stopwatch();
  for (const { device, percentile, limitMs, best } of limits)
    for (let seed = 1; seed <= seeds; seed++) {
      const tried = search(table, device, limitMs, Math.max(...BUDGETS), seed, { label: strategy, strategy });
      for (const trials of BUDGETS)
        for (const [choice, entry] of Object.entries(returned(tried.slice(0, trials), seed))) {
          if ((entry.latencyMs[device] ?? Infinity) > limitMs) throw new Error('a limit was not held');
          note(`${trials}/${choice}`, best - entry.final);
          note(`${trials}/${choice}/${device}/${percentile}`, best - entry.final);
        }
    }
  process.stderr.write(`${strategy}: ${(elapsed() / 1000).toFixed(0)} s\n`);
  const at = (key: string) => summary(regrets.get(key) ?? []);
  return {
    strategy,
    trials: BUDGETS.map((trials) => ({
      trials,
      ...Object.fromEntries(CHOICES.map((choice) => [choice, at(`${trials}/${choice}`)])),
      limits: limits.map(({ device, percentile }) => ({
        device,
        percentile,
        ...at(`${trials}/best/${device}/${percentile}`),
      })),
    })),
  };
});

const result = {
  what: 'NAS-Bench-201, CIFAR-10: mean regret in points of 200-epoch test accuracy among the networks that meet the limit, with its 95 % interval over seeds, devices and limits; searched by 12-epoch validation accuracy',
  command: `npm run bench:search -- ${basename(csv)} ${seedCount} ${names} ${budgets}`,
  seeds: `1 to ${seeds}`,
  machine: { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version },
  choices: {
    best: 'the most accurate after 12 epochs',
    smoothed: 'the greatest mean of a random forest over what was tried (50 trees)',
    'best of 3 trained long': 'the three most accurate after 12 epochs, by their final accuracy',
    'best of 10 trained long': 'ten in the same way',
  },
  oracle: {
    what: 'a perfect optimiser of the 12-epoch accuracy',
    regret: round(mean(limits.map(({ oracle }) => oracle))),
    limits: limits.map(({ limitMs, oracle, best, ...rest }) => ({
      ...rest,
      limitMs: round(limitMs),
      best: round(best),
      regret: round(oracle),
    })),
  },
  strategies,
};
process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
