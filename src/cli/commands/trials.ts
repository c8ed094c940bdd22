import { Command, InvalidArgumentError } from 'commander';
import { places, readMeantStudy, specOf } from '../../app/index.js';
import { csv, flatTrial, jsonRows, trialTable } from '../../report/index.js';
import {
  bestUnder,
  frontier,
  type RowQuery,
  type SortColumn,
  type TrialKind,
  type TrialState,
} from '../../trials/index.js';
import { csvOption, jsonOption, latency, runsOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

const SORTS: readonly SortColumn[] = [
  'trial',
  'accuracy',
  'latencyMs',
  'reward',
  'params',
  'madds',
  'seconds',
  'createdAt',
  'finishedAt',
];
const STATES: readonly TrialState[] = ['running', 'done', 'stopped', 'infeasible', 'failed'];
const KINDS: readonly TrialKind[] = ['sample', 'proposal', 'netadapt', 'retrain'];

function oneOf<T extends string>(legal: readonly T[]): (text: string, before?: readonly T[]) => T[] {
  return (text, before = []) => {
    const found = text.split(',').map((word) => legal.find((name) => name === word));
    if (found.some((name) => name === undefined)) {
      throw new InvalidArgumentError(`expected ${legal.join(', ')}.`);
    }
    return [...before, ...(found as T[])];
  };
}

interface TrialsOptions {
  readonly runs?: string;
  readonly state?: TrialState[];
  readonly kind?: TrialKind[];
  readonly under?: number;
  readonly sort?: SortColumn[];
  readonly desc?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `nas trials [STUDY]`: the trials of a study, also while it runs. */
export function trialsCommand(output: Output): Command {
  return new Command('trials')
    .description('list the trials of a study (the newest one unless named)')
    .argument('[study]')
    .option('--state <names>', `only these states: ${STATES.join(', ')}`, oneOf(STATES))
    .option('--kind <names>', `only these kinds: ${KINDS.join(', ')}`, oneOf(KINDS))
    .option('--under <time>', 'only trials at most so slow', latency)
    .option('--sort <column>', `by ${SORTS.join(', ')}`, oneOf(SORTS))
    .option('--desc', 'largest first')
    .option('--limit <n>', 'at most so many', wholeNumber(1))
    .addOption(jsonOption())
    .addOption(csvOption())
    .addOption(runsOption())
    .action((study: string | undefined, options: TrialsOptions) => {
      using reader = readMeantStudy(places({ runs: options.runs }), study);
      const query: RowQuery = {
        ...(options.state === undefined ? {} : { states: options.state }),
        ...(options.kind === undefined ? {} : { kinds: options.kind }),
        ...(options.under === undefined ? {} : { maxLatencyMs: options.under }),
        ...(options.sort?.[0] === undefined ? {} : { sort: options.sort[0] }),
        ...(options.limit === undefined ? {} : { limit: options.limit }),
        descending: options.desc === true,
      };
      const rows = reader.rows(query);
      if (options.json === true) return output.print(jsonRows(rows.map((row) => ({ ...flatTrial(row) }))));
      if (options.csv === true) return output.print(csv(rows.map(flatTrial)));
      const all = reader.rows();
      const best = bestUnder(all, specOf(reader).latency.targetMs)?.trial;
      const front = new Set(frontier(all).map((row) => row.trial));
      output.print(trialTable(rows, output, { frontier: front, ...(best === undefined ? {} : { best }) }));
    });
}
