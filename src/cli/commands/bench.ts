import { Command, Option } from 'commander';
import { benchStrategies } from '../../app/index.js';
import { expandHome, NasError } from '../../core/index.js';
import { strategyBenchTable } from '../../report/index.js';
import { jsonOption, latency, realNumber, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

/** `nas bench`: how good the parts of the product are, on what is known already. */
export function benchCommand(output: Output): Command {
  return new Command('bench')
    .description('compare search strategies on a benchmark table')
    .addCommand(strategiesCommand(output));
}

interface StrategiesOptions {
  readonly evaluator: string;
  readonly archColumn: string;
  readonly accuracyColumn: string;
  readonly finalColumn: string;
  readonly latencyColumn: string;
  readonly strategy?: string;
  readonly trials: number;
  readonly seeds: number;
  readonly finalists: number;
  readonly targetLatency?: number;
  readonly targetPercentile?: number;
  readonly json?: boolean;
}

/** Target where none is named: this percentile of the table's latencies. */
const PERCENTILE = 30;

function strategiesCommand(output: Output): Command {
  return new Command('strategies')
    .description('mean regret of what each strategy returns, over seeds, on a table of known networks')
    .addOption(
      new Option(
        '--evaluator <table:file>',
        'CSV of networks and results, gzip or not',
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option('--space <name>', 'space of the table').choices(['nasbench201']).default('nasbench201'),
    )
    .option('--arch-column <name>', 'column of the cells, written as in NAS-Bench-201', 'arch')
    .addOption(
      new Option(
        '--accuracy-column <name>',
        'column of the accuracy that a search sees',
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--final-column <name>',
        'column of the accuracy that counts; no strategy sees it',
      ).makeOptionMandatory(),
    )
    .addOption(new Option('--latency-column <name>', 'column of the latency in ms').makeOptionMandatory())
    .option(
      '--strategy <names>',
      'which ones, separated by commas; auto is the default of nas search; all when left out',
    )
    .option('--trials <n>', 'networks that each search tries', wholeNumber(1, 1_000_000), 100)
    .option('--seeds <n>', 'searches of each strategy, with seeds 1, 2, …', wholeNumber(1, 10_000), 20)
    .option(
      '--finalists <n>',
      'networks of each search whose final accuracy is looked at; the best of them is returned',
      wholeNumber(1, 1000),
      1,
    )
    .option('--target-latency <time>', 'latency limit: 2ms, 800us', latency)
    .option(
      '--target-percentile <p>',
      `latency limit as a percentile of the table's latencies; ${PERCENTILE} where no target is named`,
      realNumber('a number over 0 and up to 100', (value) => value > 0 && value <= 100),
    )
    .addOption(jsonOption())
    .action((options: StrategiesOptions) => {
      const { archColumn, accuracyColumn, finalColumn, latencyColumn, strategy, trials, seeds, finalists } =
        options;
      const bench = benchStrategies(
        {
          evaluator: options.evaluator.replace(
            /^(table:)(~.*)$/s,
            (_, kind: string, file: string) => kind + expandHome(file),
          ),
          columns: { arch: archColumn, accuracy: accuracyColumn, final: finalColumn, latency: latencyColumn },
          strategies: strategy?.split(',').map((name) => name.trim()),
          ...{ trials, seeds, finalists, target: targetOf(options) },
        },
        (name, seed) => {
          if (output.live) output.status(`${name}: search ${seed} of ${seeds}`);
          else if (seed === 1) output.note(`${name}: ${seeds} searches`);
        },
      );
      output.status(null);
      if (options.json === true) output.json(bench);
      else output.print(strategyBenchTable(bench, output));
    });
}

function targetOf({ targetLatency, targetPercentile }: StrategiesOptions) {
  if (targetLatency !== undefined && targetPercentile !== undefined)
    throw new NasError({
      code: 'NAS_BAD_CONFIG',
      found: '--target-latency and --target-percentile',
      expected: 'one of the two',
      fix: 'leave one out',
    });
  return targetLatency === undefined ? { percentile: targetPercentile ?? PERCENTILE } : { ms: targetLatency };
}
