/**
 * How good are the strategies at small budgets? Reads NAS-Bench-201 with measured latencies (CSV: architecture,
 * validation accuracy after 12 epochs in %, test accuracy after 200 epochs in %, latency in ms on a Raspberry Pi 4, …)
 * and searches it as a space of 6 choices × 5 operations. Writes one JSON document to standard output:
 * per target, budget and strategy the mean test accuracy, over seeds, of "most accurate under the target".
 *
 *   node bench/search/nasbench201.ts CSV [trials,…] [seeds] [targets in ms,…]   (run through a TypeScript loader or after compiling)
 */
import { readFileSync } from 'node:fs';
import { createRng, mean, ms, ratio, standardDeviation } from '../../src/core/index.js';
import {
  createReward,
  createStrategy,
  type PpoSettings,
  type RewardKind,
  type Strategy,
} from '../../src/search/index.js';
import type { SearchSpace } from '../../src/space/index.js';

const OPERATIONS = ['none', 'skip_connect', 'nor_conv_1x1', 'nor_conv_3x3', 'avg_pool_3x3'];

interface Entry {
  readonly validation: number;
  readonly test: number;
  readonly latencyMs: number;
}

export interface Case {
  readonly label: string;
  readonly strategy: string;
  readonly reward: RewardKind;
  readonly ppo?: Partial<PpoSettings>;
  readonly preset?: 'paper' | 'small-budget';
  readonly repeatsTeach?: boolean;
}

export function readTable(path: string): ReadonlyMap<string, Entry> {
  const table = new Map<string, Entry>();
  for (const line of readFileSync(path, 'utf8').trim().split('\n').slice(1)) {
    const [text = '', validation, test, latency] = line.split(',');
    const genome = [...text.matchAll(/\|?([a-z_0-9]+)~\d/g)].map((match) =>
      OPERATIONS.indexOf(match[1] ?? ''),
    );
    if (genome.length !== 6 || genome.includes(-1)) throw new Error(`cannot read ${text}`);
    table.set(genome.join(), {
      validation: Number(validation) / 100,
      test: Number(test),
      latencyMs: Number(latency),
    });
  }
  return table;
}

const space: SearchSpace = {
  name: 'nasbench201',
  task: { input: [32, 32, 3], classes: 10 },
  digest: 'nasbench201',
  choices: Array.from({ length: 6 }, (_, i) => ({ name: `edge${i}`, options: OPERATIONS })),
  size: 15625n,
  sample: (rng) => Array.from({ length: 6 }, () => rng.integer(5)),
  decode: () => {
    throw new Error('the table holds results, not networks');
  },
  encode: () => {
    throw new Error('the table holds results, not networks');
  },
};

/** Test accuracies in %, after each budget, of the chosen one; NaN where none met the target. */
export function searchOnce(
  table: ReadonlyMap<string, Entry>,
  target: number,
  budgets: readonly number[],
  seed: number,
  what: Case,
): number[] {
  const strategy: Strategy = createStrategy(what.strategy, {
    space,
    seed: String(seed),
    settings: { ...(what.preset && { preset: what.preset }), ...(what.ppo && { ppo: what.ppo }) },
  });
  const reward = createReward({ kind: what.reward, targetMs: ms(target) });
  const seen = new Set<string>();
  const root = createRng(seed);
  const rewardOf = (entry: Entry): number => reward(ratio(entry.validation), ms(entry.latencyMs));
  let best: Entry | undefined;
  const results: number[] = [];
  const most = Math.max(...budgets);
  let again = 0;
  while (seen.size < most) {
    const rng = root.fork(seen.size).fork(again);
    const proposal = again <= 30 ? strategy.ask(1, [], rng)[0] : { genome: space.sample(rng), note: null };
    if (proposal === undefined) break;
    const key = proposal.genome.join();
    const entry = table.get(key) as Entry;
    const repeated = seen.has(key);
    if (!repeated || (what.repeatsTeach ?? true))
      strategy.tell([{ ...proposal, trial: seen.size, reward: rewardOf(entry), state: 'done' }]);
    again = repeated ? again + 1 : 0;
    if (repeated) continue;
    seen.add(key);
    if (entry.latencyMs <= target && (best === undefined || entry.validation > best.validation)) best = entry;
    if (budgets.includes(seen.size)) results.push(best?.test ?? Number.NaN);
  }
  return results;
}

/** Best test accuracy there is under the target, by validation accuracy as a search would choose. */
export function oracle(table: ReadonlyMap<string, Entry>, target: number): number {
  const meeting = [...table.values()].filter((entry) => entry.latencyMs <= target);
  return meeting.reduce((a, b) => (b.validation > a.validation ? b : a)).test;
}

export function summary(
  table: ReadonlyMap<string, Entry>,
  cases: readonly Case[],
  targets: readonly number[],
  budgets: readonly number[],
  seeds: number,
) {
  return targets.map((target) => ({
    targetMs: target,
    oracle: oracle(table, target),
    results: cases.map((what) => {
      const runs = Array.from({ length: seeds }, (_, i) => searchOnce(table, target, budgets, i + 1, what));
      return {
        case: what.label,
        budgets: budgets.map((trials, b) => {
          const met = runs.map((run) => run[b] ?? Number.NaN).filter((value) => !Number.isNaN(value));
          return {
            trials,
            meanTest: Number(mean(met).toFixed(3)),
            deviation: Number(standardDeviation(met).toFixed(3)),
            noneMetTarget: runs.length - met.length,
          };
        }),
      };
    }),
  }));
}

const CASES: readonly Case[] = [
  { label: 'random', strategy: 'random', reward: 'absolute' },
  { label: 'ppo small-budget, absolute', strategy: 'ppo', reward: 'absolute' },
  { label: 'ppo small-budget, hard', strategy: 'ppo', reward: 'hard' },
  { label: 'ppo small-budget, soft', strategy: 'ppo', reward: 'soft' },
  { label: 'ppo paper, absolute', strategy: 'ppo', reward: 'absolute', preset: 'paper' },
];

const [csv, budgets = '24,50', seeds = '20', targets = '5,10'] = process.argv.slice(2);
if (csv?.endsWith('.csv')) {
  const result = {
    what: 'NAS-Bench-201, CIFAR-10, latency on a Raspberry Pi 4; test accuracy in % after 200 epochs of the most accurate (12-epoch validation) architecture found under the target',
    seeds: Number(seeds),
    targets: summary(
      readTable(csv),
      CASES,
      targets.split(',').map(Number),
      budgets.split(',').map(Number),
      Number(seeds),
    ),
  };
  process.stdout.write(`${JSON.stringify(result, null, 1)}\n`);
}
