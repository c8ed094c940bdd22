import { Command, InvalidArgumentError } from 'commander';
import { places, readMeantStudy, specOf } from '../../app/index.js';
import { formatCount, nearest } from '../../core/index.js';
import { columnTable, csv, FLAT_NAMES, flatTrial, jsonRows, pick, trialTable } from '../../report/index.js';
import {
  parseWhere,
  SORT_COLUMNS,
  TRIAL_KINDS,
  TRIAL_STATES,
  type RowQuery,
  type SortKey,
  type TrialKind,
  type TrialReader,
  type TrialRow,
  type TrialState,
} from '../../trials/index.js';
import { csvOption, jsonOption, latency, runsOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

/** Lines of the table unless --limit or --all says otherwise. */
const SHOWN = 100;

/** A comma-separated list of legal names; given twice, both lists. */
function namesOf<T extends string>(legal: readonly T[]): (text: string, before?: readonly T[]) => T[] {
  return (text, before = []) => [...before, ...text.split(',').map((word) => legalName(word.trim(), legal))];
}

function legalName<T extends string>(word: string, legal: readonly T[]): T {
  const found = legal.find((name) => name === word);
  if (found !== undefined) return found;
  const near = nearest(word, legal);
  throw new InvalidArgumentError(
    `expected ${legal.join(', ')}.${near === undefined ? '' : ` fix: did you mean ${near}?`}`,
  );
}

/** `latencyMs,-accuracy`: the first counts most, `-` begins with the largest. */
function sortOf(text: string, before: readonly SortKey[] = []): readonly SortKey[] {
  const keys = text.split(',').map((word) => {
    const [, sign, name = ''] = /^\s*(-?)(.*?)\s*$/.exec(word) ?? [];
    return { column: legalName(name, SORT_COLUMNS), descending: sign === '-' };
  });
  return [...before, ...keys];
}

interface TrialsOptions {
  readonly runs?: string;
  readonly where?: string;
  readonly state?: TrialState[];
  readonly kind?: TrialKind[];
  readonly under?: number;
  readonly sort?: readonly SortKey[];
  readonly desc?: boolean;
  readonly columns?: string[];
  readonly limit?: number;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `nas trials [STUDY]`: the trials of a study, also while it runs. */
export function trialsCommand(output: Output): Command {
  return new Command('trials')
    .description('list the trials of a study (the newest one unless named)')
    .argument('[study]')
    .option('--where <condition>', `only trials of which it holds, e.g. 'latencyMs < 2ms and accuracy > 90%'`)
    .option('--state <names>', `only these states: ${TRIAL_STATES.join(', ')}`, namesOf(TRIAL_STATES))
    .option('--kind <names>', `only these kinds: ${TRIAL_KINDS.join(', ')}`, namesOf(TRIAL_KINDS))
    .option('--under <time>', 'only trials within this latency', latency)
    .option('--sort <columns>', `by ${SORT_COLUMNS.join(', ')}; -NAME: largest first`, sortOf)
    .option('--desc', 'the other way round')
    .option('--columns <names>', `only these, in this order: ${FLAT_NAMES.join(', ')}`, namesOf(FLAT_NAMES))
    .option('--limit <n>', 'maximum number of trials to print', wholeNumber(1))
    .option('--all', `every line of the table, not only ${SHOWN}`)
    .addOption(jsonOption())
    .addOption(csvOption())
    .addOption(runsOption())
    .action((study: string | undefined, options: TrialsOptions) => {
      const query = queryOf(options);
      using reader = readMeantStudy(places({ runs: options.runs }), study);
      const { columns } = options;
      if (options.json === true || options.csv === true) {
        const rows = reader.rows(query).map(flatTrial);
        const chosen = columns === undefined ? rows : rows.map((row) => pick(row, columns));
        return output.print(options.json === true ? jsonRows(chosen) : csv(chosen, columns ?? FLAT_NAMES));
      }
      const { rows, note } = shownRows(reader, query, options);
      output.print(
        columns === undefined
          ? trialTable(rows, output, marksOf(reader))
          : columnTable(rows, columns, output),
      );
      if (note !== undefined) output.note(note);
    });
}

/** @throws NasError `NAS_BAD_WHERE` */
function queryOf(options: TrialsOptions): RowQuery {
  const { where, state, kind, under, limit, desc = false } = options;
  const sort = options.sort ?? [{ column: 'trial', descending: false }];
  return {
    ...(where === undefined ? {} : { where: parseWhere(where) }),
    ...(state === undefined ? {} : { states: state }),
    ...(kind === undefined ? {} : { kinds: kind }),
    ...(under === undefined ? {} : { maxLatencyMs: under }),
    ...(limit === undefined ? {} : { limit }),
    sort: desc ? sort.map((key) => ({ ...key, descending: !key.descending })) : sort,
  };
}

/** The table's rows: of many the first ones, or where nothing is sorted the latest, and how many more there are. */
function shownRows(
  reader: TrialReader,
  query: RowQuery,
  { limit, all, sort, desc }: TrialsOptions,
): { readonly rows: readonly TrialRow[]; readonly note?: string } {
  if (limit !== undefined || all === true) return { rows: reader.rows(query) };
  const latest = sort === undefined && desc !== true;
  const found = reader.rows(
    latest ? { ...query, sort: 'trial', descending: true, limit: SHOWN + 1 } : { ...query, limit: SHOWN + 1 },
  );
  if (found.length <= SHOWN) return { rows: latest ? found.toReversed() : found };
  const rows = found.slice(0, SHOWN);
  const more = reader.count(query) - SHOWN;
  return {
    rows: latest ? rows.toReversed() : rows,
    note: `${formatCount(more)} ${latest ? 'earlier' : 'more'} (--all or --limit N shows them, --where chooses)`,
  };
}

function marksOf(reader: TrialReader): { readonly frontier: ReadonlySet<number>; readonly best?: number } {
  const best = reader.best(specOf(reader).latency.targetMs)?.trial;
  return {
    frontier: new Set(reader.frontier().map((row) => row.trial)),
    ...(best === undefined ? {} : { best }),
  };
}
