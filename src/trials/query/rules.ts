import { NasError } from '../../core/index.js';
import type { SortKey } from './columns.js';
import type { Filter, NewTrial, RowQuery } from '../store.js';
import type { TrialRow } from '../model/row.js';
import type { Trial } from '../model/trial.js';
import { holds } from './where/condition.js';

/** The rules that every store keeps, on any medium. */

export function trialMissing(id: number): NasError {
  return new NasError({
    code: 'NAS_TRIAL_MISSING',
    found: `no trial ${id} in this study`,
    fix: 'nas trials lists them',
  });
}

export function requireUnfinished(trial: Pick<Trial, 'id' | 'state'>): void {
  if (trial.state === 'running') return;
  throw new NasError({
    code: 'NAS_TRIAL_FINISHED',
    found: `trial ${trial.id} is ${trial.state} already`,
    expected: 'a running one',
  });
}

/** Throws RangeError (a bug of the caller) unless the numbers can be stored and read back unchanged. */
export function requireStorable(trial: NewTrial): void {
  const counts = [trial.params, trial.madds, ...(trial.genome ?? [])];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0))
    throw new RangeError(`counts and genes are whole numbers from 0: ${counts.join(', ')}`);
}

export function requireFiniteReward(reward: number | null): void {
  if (reward !== null && !Number.isFinite(reward)) throw new RangeError(`not a finite reward: ${reward}`);
}

export function matches(trial: Trial, filter: Filter): boolean {
  return (
    (filter.kinds === undefined || filter.kinds.includes(trial.kind)) &&
    (filter.states === undefined || filter.states.includes(trial.state)) &&
    (filter.text === undefined || filter.text === trial.text) &&
    (filter.parent === undefined || filter.parent === trial.parent)
  );
}

/** Limits, sorts and cuts rows as {@link RowQuery} says; for stores without a query language. */
export function queryRows(rows: readonly TrialRow[], query: RowQuery): readonly TrialRow[] {
  const { maxLatencyMs, minAccuracy, where, offset = 0 } = query;
  const keys = sortKeys(query);
  return rows
    .filter(
      (row) =>
        (maxLatencyMs === undefined || (row.latencyMs !== null && row.latencyMs <= maxLatencyMs)) &&
        (minAccuracy === undefined || (row.accuracy !== null && row.accuracy >= minAccuracy)) &&
        (where === undefined || holds(where, row) === true),
    )
    .sort((a, b) => compareBy(keys, a, b))
    .slice(offset, query.limit === undefined ? undefined : offset + query.limit);
}

/** What a query sorts by, always more than nothing. */
export function sortKeys({ sort = 'trial', descending = false }: RowQuery): readonly SortKey[] {
  return typeof sort === 'string' ? [{ column: sort, descending }] : sort;
}

function compareBy(keys: readonly SortKey[], a: TrialRow, b: TrialRow): number {
  for (const { column, descending } of keys) {
    const [x, y] = [a[column], b[column]];
    if (x === y) continue;
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return descending ? y - x : x - y;
  }
  return a.trial - b.trial;
}
