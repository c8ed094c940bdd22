import { NasError, quantile, unknownName } from '../../core/index.js';
import {
  goalWithin,
  regretOf,
  returnedOf,
  searchTable,
  TABLE_STRATEGIES,
  type BenchmarkTable,
  type Entry,
  type Goal,
  type Regret,
  type TableColumns,
} from '../../search/index.js';
import type { StrategyBenchView } from '../../report/index.js';
import { DEFAULTS, strategyName } from '../study/defaults.js';
import { readBenchmarkTable } from './read-table.js';

export interface BenchOptions {
  /** `table:FILE`. */
  readonly evaluator: string;
  readonly columns: TableColumns;
  /** Default: all. */
  readonly strategies?: readonly string[] | undefined;
  readonly trials: number;
  /** How often each strategy searches; the seeds are 1, 2, … */
  readonly seeds: number;
  /** Networks of each search that are trained to the end; the best of them is returned. */
  readonly finalists: number;
  /** A latency, or the percentile of the table's latencies that is the target. */
  readonly target: { readonly ms: number } | { readonly percentile: number };
}

/** Regret of one strategy over the seeds. */
export interface BenchedStrategy extends Regret {
  readonly strategy: string;
}

/** What `nas bench strategies --json` prints. */
export interface StrategyBench extends StrategyBenchView {
  readonly strategies: readonly BenchedStrategy[];
}

/**
 * Searches a benchmark table by each strategy and seed.
 * @param listen called before each search
 * @throws NasError for what is wrong with options or table; `NAS_BENCHMARK_TARGET` where no network meets the target
 */
export function benchStrategies(
  options: BenchOptions,
  listen: (strategy: string, seed: number) => void = () => undefined,
): StrategyBench {
  const strategies = checkedNames(options.strategies ?? TABLE_STRATEGIES);
  const file = tableFile(options.evaluator);
  const table = readBenchmarkTable(file, options.columns);
  const goal = goalOf(table, options.target);
  const { trials, seeds, finalists } = options;
  const benched = strategies.map((name): BenchedStrategy => {
    const strategy = strategyName({ strategy: name });
    const regrets = Array.from({ length: seeds }, (_, i) => {
      listen(name, i + 1);
      let returned: Entry | undefined;
      const count = Math.min(trials, goal.networks);
      searchTable(table, { strategy, targetMs: goal.targetMs, trials: count, seed: i + 1 }, (tried) => {
        if (tried.entries.length === count) returned = returnedOf(tried, finalists);
      });
      return goal.best - (returned?.final ?? 0);
    });
    return { strategy: name, ...regretOf(regrets) };
  });
  return {
    file,
    space: table.space.name,
    networks: table.entries.length,
    within: goal.networks,
    targetMs: goal.targetMs,
    trials: Math.min(trials, goal.networks),
    seeds,
    finalists,
    best: goal.best,
    oracle: goal.oracle,
    strategies: benched,
  };
}

function checkedNames(names: readonly string[]): readonly string[] {
  const legal = [DEFAULTS.strategy, ...TABLE_STRATEGIES];
  for (const [i, name] of names.entries()) {
    if (!legal.includes(name)) throw unknownName('strategy', name, legal, 'NAS_UNKNOWN_STRATEGY');
    if (names.indexOf(name) < i)
      throw new NasError({
        code: 'NAS_BAD_CONFIG',
        found: `strategy ${name} twice in --strategy`,
        expected: 'each strategy once',
        fix: 'leave one out',
      });
  }
  return names;
}

function tableFile(evaluator: string): string {
  const [, file] = /^table:(.+)$/s.exec(evaluator) ?? [];
  if (file !== undefined) return file;
  throw new NasError({
    code: 'NAS_BAD_EVALUATOR',
    found: `evaluator ${JSON.stringify(evaluator.slice(0, 80))}`,
    expected: 'table:FILE',
    fix: 'give the CSV of a benchmark, as in --evaluator table:nasbench201.csv',
  });
}

function goalOf(table: BenchmarkTable, target: BenchOptions['target']): Goal {
  const latencies = table.entries.map(({ latencyMs }) => latencyMs);
  const targetMs = 'ms' in target ? target.ms : quantile(latencies, target.percentile / 100);
  const goal = goalWithin(table, targetMs);
  if (goal !== undefined) return goal;
  const fastest = latencies.reduce((least, latency) => Math.min(least, latency), Infinity);
  throw new NasError({
    code: 'NAS_BENCHMARK_TARGET',
    found: `no network of the table within ${targetMs} ms`,
    expected: `a target of at least ${fastest} ms, its fastest`,
    fix: 'raise --target-latency, or give --target-percentile',
  });
}
