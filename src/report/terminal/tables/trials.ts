import { formatCount, formatDuration, formatPercent } from '../../../core/index.js';
import type { TrialRow } from '../../../trials/index.js';
import type { Style, Tone } from '../style.js';
import { latencyCell } from './cells.js';
import { table, type Column } from './table.js';
import { neutral } from '../text.js';
import type { FlatRow } from './csv.js';
import type { Indistinguishable } from '../../view/indistinguishable.js';

export interface TrialMarks {
  /** Trials on the frontier, marked `●`. */
  readonly frontier?: ReadonlySet<number>;
  /** The best, marked `★`. */
  readonly best?: number;
  /** Of a trial: others of indistinguishable latency. Given, it adds a column. */
  readonly indistinguishable?: Indistinguishable;
}

const TONES: Readonly<Partial<Record<TrialRow['state'], Tone>>> = {
  running: 'accent',
  failed: 'bad',
  infeasible: 'quiet',
  stopped: 'quiet',
};

/** `nas trials`: a line a trial. Latency is the median with its 95 % interval; a predicted one is marked `~`. */
export function trialTable(rows: readonly TrialRow[], style: Style, marks: TrialMarks = {}): string {
  if (rows.length === 0) return 'no trials';
  const columns: readonly Column<TrialRow>[] = [
    {
      title: '',
      value: ({ trial }) => (trial === marks.best ? '★' : marks.frontier?.has(trial) === true ? '●' : ' '),
      tone: ({ trial }) => (trial === marks.best ? 'mark' : 'accent'),
    },
    { title: 'trial', value: (row) => row.trial },
    { title: 'kind', value: (row) => row.kind },
    { title: 'from', value: (row) => row.parent, optional: 2 },
    { title: 'state', value: (row) => row.state, tone: (row) => TONES[row.state] },
    {
      title: 'accuracy',
      value: ({ accuracy }) => (accuracy === null ? null : formatPercent(accuracy)),
      align: 'right',
    },
    { title: 'latency ms', value: latencyCell, align: 'right' },
    { title: '95 %', value: intervalCell, align: 'right', optional: 5 },
    ...indistinguishableColumn(marks.indistinguishable),
    ...furtherPlatforms(rows),
    {
      title: 'reward',
      value: ({ reward }) => (reward === null ? null : reward.toFixed(4)),
      align: 'right',
      optional: 3,
    },
    { title: 'params', value: (row) => formatCount(row.params), align: 'right', optional: 6 },
    { title: 'madds', value: (row) => formatCount(row.madds), align: 'right', optional: 7 },
    {
      title: 'time',
      value: ({ seconds }) => (seconds === null ? null : formatDuration(seconds)),
      align: 'right',
      optional: 4,
    },
    { title: 'architecture', value: (row) => row.reason ?? row.text, shrinksTo: 24, optional: 1 },
  ];
  return table(rows, columns, style);
}

/** `≈ 12`: indistinguishable from trial 12; left out where none is. */
function indistinguishableColumn(indistinguishable: TrialMarks['indistinguishable']): Column<TrialRow>[] {
  if (
    indistinguishable === undefined ||
    [...indistinguishable.values()].every((others) => others.length === 0)
  )
    return [];
  return [
    {
      title: 'as fast as',
      value: ({ trial }) => (indistinguishable.get(trial) ?? []).map((other) => `≈ ${other}`).join(' '),
      tone: () => 'warm',
      optional: 1,
    },
  ];
}

/** `nas trials --columns`: a line a trial with these of its {@link flatTrial} columns, in this order. */
export function columnTable(rows: readonly TrialRow[], names: readonly string[], style: Style): string {
  if (rows.length === 0) return 'no trials';
  const columns = names.map((name): Column<TrialRow> => {
    const shown = SHOWN[name];
    return {
      title: name,
      value: (row) => (shown === undefined ? (flatTrial(row)[name]?.toString() ?? null) : shown(row)),
      align: rows.some((row) => typeof flatTrial(row)[name] === 'number') ? 'right' : 'left',
      ...(LONG.includes(name) ? { shrinksTo: 16 } : {}),
      ...(name === 'state' ? { tone: (row) => TONES[row.state] } : {}),
    };
  });
  return table(rows, columns, style);
}

/** Columns whose text may be cut so that a line fits. */
const LONG = ['text', 'reason', 'fingerprint', 'seed', 'also', 'checkpoint'];

const moment = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** How a column is shown where that differs from its value. */
const SHOWN: Readonly<Partial<Record<string, (row: TrialRow) => string | null>>> = {
  accuracy: ({ accuracy }) => (accuracy === null ? null : formatPercent(accuracy)),
  latencyMs: latencyCell,
  latencyLowMs: ({ latencyLowMs }) => latencyLowMs?.toFixed(3) ?? null,
  latencyHighMs: ({ latencyHighMs }) => latencyHighMs?.toFixed(3) ?? null,
  reward: ({ reward }) => reward?.toFixed(4) ?? null,
  params: ({ params }) => formatCount(params),
  madds: ({ madds }) => formatCount(madds),
  seconds: ({ seconds }) => (seconds === null ? null : formatDuration(seconds)),
  createdAt: ({ createdAt }) => moment(createdAt),
  finishedAt: ({ finishedAt }) => moment(finishedAt),
};

/** A column for each further platform; what is over its target there is marked `!`. */
function furtherPlatforms(rows: readonly TrialRow[]): Column<TrialRow>[] {
  const names = [...new Set(rows.flatMap(({ also }) => (also ?? []).map(({ platform }) => platform)))];
  return names.map((name) => ({
    title: `${neutral(name)} ms`,
    align: 'right',
    value: ({ also }) => {
      const found = also?.find(({ platform }) => platform === name);
      if (found === undefined) return null;
      const { medianMs, targetMs, source } = found;
      const text = latencyCell({ latencyMs: medianMs, latencySource: source });
      return `${text}${medianMs > targetMs ? '!' : ''}`;
    },
  }));
}

function intervalCell({ latencyLowMs, latencyHighMs }: TrialRow): string | null {
  if (latencyLowMs === null || latencyHighMs === null) return null;
  const decimals = latencyHighMs < 10 ? 3 : 2;
  return `${latencyLowMs.toFixed(decimals)}–${latencyHighMs.toFixed(decimals)}`;
}

/** Names of what {@link flatTrial} gives, in its order. */
export const FLAT_NAMES: readonly string[] = [
  ...['trial', 'study', 'state', 'kind', 'parent', 'text', 'params', 'madds', 'accuracy', 'latencyMs'],
  ...['latencySource', 'reward', 'seed', 'seconds', 'latencyLowMs', 'latencyHighMs', 'platform'],
  ...['fingerprint', 'reason', 'attempts', 'createdAt', 'finishedAt', 'checkpoint', 'also'],
];

/** The row as `nas trials --json` and `--csv` print it: the documented names first. */
export function flatTrial(row: TrialRow): FlatRow {
  const { trial, study, state, kind, parent, text, params, madds, accuracy, latencyMs, latencySource } = row;
  const { reward, seed, seconds, also, ...rest } = row;
  return {
    ...{ trial, study, state, kind, parent, text, params, madds },
    ...{ accuracy, latencyMs, latencySource, reward, seed, seconds },
    ...rest,
    also: also && also.map((one) => `${one.platform} ${one.medianMs} of ${one.targetMs}`).join('; '),
  };
}
