import type { TrialRow } from '../model/row.js';
import type { LatencySource } from '../schema/index.js';
import type { TrialKind, TrialState } from '../model/trial.js';

export const TRIAL_STATES: readonly TrialState[] = ['running', 'done', 'stopped', 'infeasible', 'failed'];
export const TRIAL_KINDS: readonly TrialKind[] = ['sample', 'proposal', 'netadapt', 'retrain'];
const LATENCY_SOURCES: readonly LatencySource[] = ['measured', 'table', 'predicted'];

/** What a column holds, which says how a value of it may be written and what it may be compared with. */
export type ColumnContent =
  | { readonly of: 'number'; readonly units: Readonly<Record<string, number>> }
  | { readonly of: 'moment' }
  | { readonly of: 'name'; readonly names: readonly string[] }
  | { readonly of: 'text' };

const number = (units: Readonly<Record<string, number>> = {}): ColumnContent => ({ of: 'number', units });
const milliseconds = number({ us: 1e-3, µs: 1e-3, ms: 1, s: 1e3 });
const seconds = number({ s: 1, min: 60, m: 60, h: 3600 });
const count = number({ k: 1e3, M: 1e6, G: 1e9 });

/** The columns that trials can be chosen by, under the names of {@link TrialRow}. */
const COLUMNS = Object.freeze({
  trial: number(),
  state: { of: 'name', names: TRIAL_STATES },
  kind: { of: 'name', names: TRIAL_KINDS },
  parent: number(),
  text: { of: 'text' },
  params: count,
  madds: count,
  accuracy: number({ '%': 0.01 }),
  latencyMs: milliseconds,
  latencyLowMs: milliseconds,
  latencyHighMs: milliseconds,
  latencySource: { of: 'name', names: LATENCY_SOURCES },
  platform: { of: 'text' },
  fingerprint: { of: 'text' },
  reward: number(),
  seed: { of: 'text' },
  seconds,
  reason: { of: 'text' },
  attempts: number(),
  createdAt: { of: 'moment' },
  finishedAt: { of: 'moment' },
  checkpoint: { of: 'text' },
} satisfies Partial<Record<keyof TrialRow, ColumnContent>>);

export type ColumnName = keyof typeof COLUMNS;
export const COLUMN_NAMES = Object.freeze(Object.keys(COLUMNS) as ColumnName[]);

export function contentOf(column: ColumnName): ColumnContent {
  return COLUMNS[column];
}

/** Columns that hold a number: the ones a list can be sorted by. Trials without a value come last. */
export const SORT_COLUMNS = Object.freeze([
  'trial',
  'accuracy',
  'latencyMs',
  'latencyLowMs',
  'latencyHighMs',
  'reward',
  'params',
  'madds',
  'seconds',
  'attempts',
  'parent',
  'createdAt',
  'finishedAt',
] as const satisfies readonly ColumnName[]);
export type SortColumn = (typeof SORT_COLUMNS)[number];

export interface SortKey {
  readonly column: SortColumn;
  readonly descending: boolean;
}
