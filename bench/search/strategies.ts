/**
 * How good are the strategies at small budgets? What `nas bench strategies` does, over all devices of a table, three limits and
 * several numbers of trials: mean regret of the network returned, in points of final accuracy. And what a proposal costs.
 *
 *   npm run bench:search -- CSV [seeds] [strategy,…] [trials,…] > bench/search/strategies.json
 *
 * The CSV's columns: `arch, cifar10_val_acc_12ep, cifar10_test_acc_200ep, latency_ms_DEVICE, …`.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { basename } from 'node:path';
import { readBenchmarkTable } from '../../src/app/bench/read-table.js';
import { quantile, stopwatch } from '../../src/core/index.js';
import {
  goalWithin,
  mostAccurate,
  regretOf,
  returnedOf,
  searchTable,
  TABLE_STRATEGIES,
  type Entry,
  type Tried,
} from '../../src/search/index.js';
import { askTellMs } from './ask-tell.js';

const PERCENTILES = [10, 30, 60];

/** How the returned network is chosen among those tried. */
const CHOICES: Readonly<Record<string, { what: string; of: (tried: Tried) => Entry }>> = {
  returned: {
    what: 'what the strategy takes for the most accurate; without an estimate of its own, the highest short accuracy',
    of: (tried) => returnedOf(tried, 1),
  },
  'highest short accuracy': {
    what: 'the highest short accuracy',
    of: ({ entries }) => mostAccurate(entries),
  },
  'best of 3 finalists': {
    what: 'of the three that come first by what the strategy takes them for, the one of the highest final accuracy: a run-off',
    of: (tried) => returnedOf(tried, 3),
  },
};

const [csv = '', seedCount = '50', names = TABLE_STRATEGIES.join(), budgets = '50,100,300'] =
  process.argv.slice(2);
const trialCounts = budgets.split(',').map(Number);
const seeds = Number(seedCount);
const devices = [...(readFileSync(csv, 'utf8').split('\n')[0] ?? '').matchAll(/latency_ms_(\w+)/g)].map(
  ([, device = '']) => device,
);
const limits = devices.flatMap((device) => {
  const table = readBenchmarkTable(csv, {
    arch: 'arch',
    accuracy: 'cifar10_val_acc_12ep',
    final: 'cifar10_test_acc_200ep',
    latency: `latency_ms_${device}`,
  });
  const latencies = table.entries.map(({ latencyMs }) => latencyMs);
  return PERCENTILES.map((percentile) => {
    const goal = goalWithin(table, quantile(latencies, percentile / 100));
    if (goal === undefined) throw new Error('a percentile that no network meets');
    return { device, percentile, table, goal };
  });
});

const round = (value: number): number => Number(value.toFixed(3));
function summary(regrets: readonly number[]) {
  const { regret, low, high } = regretOf(regrets);
  return { regret: round(regret), low: round(low ?? 0), high: round(high ?? 0), runs: regrets.length };
}

const strategies = names.split(',').map((strategy) => {
  const regrets = new Map<string, number[]>();
  const elapsed = stopwatch();
  for (const { device, percentile, table, goal } of limits)
    for (let seed = 1; seed <= seeds; seed++)
      searchTable(
        table,
        { strategy, targetMs: goal.targetMs, trials: Math.max(...trialCounts), seed },
        (tried) => {
          const trials = tried.entries.length;
          if (!trialCounts.includes(trials)) return;
          for (const [choice, { of }] of Object.entries(CHOICES)) {
            const { latencyMs, final } = of(tried);
            if (latencyMs > goal.targetMs) throw new Error('a limit was not held');
            for (const key of [
              `${trials}/${choice}`,
              `${trials}/${choice}/${device}`,
              `${trials}/${choice}/${device}/${percentile}`,
            ])
              regrets.set(key, [...(regrets.get(key) ?? []), goal.best - final]);
          }
        },
      );
  process.stderr.write(`${strategy}: ${(elapsed() / 1000).toFixed(0)} s\n`);
  const at = (key: string) => summary(regrets.get(key) ?? []);
  return {
    strategy,
    trials: trialCounts.map((trials) => ({
      trials,
      ...Object.fromEntries(
        Object.keys(CHOICES).map((choice) => [
          choice,
          {
            ...at(`${trials}/${choice}`),
            ...Object.fromEntries(devices.map((device) => [device, at(`${trials}/${choice}/${device}`)])),
          },
        ]),
      ),
      limits: limits.map(({ device, percentile }) => ({
        ...{ device, percentile },
        ...at(`${trials}/returned/${device}/${percentile}`),
      })),
    })),
  };
});

const oracles = limits.map(({ goal }) => goal.oracle);
const result = {
  what: 'NAS-Bench-201, CIFAR-10: mean regret in points of 200-epoch test accuracy among the networks that meet the limit, with its 95 % interval over seeds, devices and limits; searched by 12-epoch validation accuracy',
  tuned:
    "the surrogate's weights of features and its settings were chosen by the limits of raspi4 with other seeds (1000 to 1009), by regret in the final accuracy; those of pixel3 had been seen only in a comparison of ways to choose among what the forest before it had tried, and its networks have the same accuracies",
  command: `npm run bench:search -- ${basename(csv)} ${seedCount} ${names} ${budgets}`,
  seeds: `1 to ${seeds}`,
  machine: { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version },
  choices: Object.fromEntries(Object.entries(CHOICES).map(([choice, { what }]) => [choice, what])),
  oracle: {
    what: 'a perfect optimiser of the 12-epoch accuracy',
    regret: round(oracles.reduce((sum, one) => sum + one, 0) / oracles.length),
    limits: limits.map(({ device, percentile, goal }) => ({
      ...{ device, percentile, networks: goal.networks, limitMs: round(goal.targetMs) },
      ...{ best: round(goal.best), regret: round(goal.oracle) },
    })),
  },
  strategies,
  proposal: {
    what: 'milliseconds to ask for one network and report it, after 1,000 trials of the space mobilenetv3',
    load: loadavg()[0],
    strategies: names.split(',').map((name) => {
      const { medianMs, mostMs, cpuMs } = askTellMs(name);
      return { strategy: name, medianMs: round(medianMs), mostMs: round(mostMs), cpuMs: round(cpuMs) };
    }),
  },
};
process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
