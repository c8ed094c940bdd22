import type { TrialRow } from '../../model/row.js';
import { decodeTrial, readAlso, type DetailRow } from '../codec.js';
import type { Gathered } from './gather.js';
import type { Value } from './records.js';

/** A trial that makes sense, as the columns of its two tables. */
export interface Kept {
  readonly id: number;
  readonly trial: readonly Value[];
  readonly detail: readonly Value[];
  /** It was finished, but its outcome is lost: it is unfinished again. */
  readonly again: boolean;
}

/** Of everything found of one trial the latest that makes sense, finished before unfinished. */
export function chooseTrial({ trials, details }: Gathered, id: number): Kept | undefined {
  const rows = [...(trials.get(id) ?? [])].reverse();
  const parts = [...(details.get(id) ?? [])].reverse();
  rows.sort((a, b) => Number(a[2] === 'running') - Number(b[2] === 'running'));
  for (const trial of rows)
    for (const detail of parts) if (isSound(id, trial, detail)) return { id, trial, detail, again: false };
  for (const trial of rows)
    for (const detail of parts) {
      const [begun, fresh] = [
        unfinished(trial),
        [null, detail[1] ?? null, detail[2] ?? null, null, null, null],
      ];
      if (trial[1] === 'sample' && detail[1] !== null && isSound(id, begun, fresh))
        return { id, trial: begun, detail: fresh, again: true };
    }
  return undefined;
}

/** Columns of a trial's outcome: from accuracy to fingerprint, reward, seconds, reason, checkpoint, finished, also. */
const OUTCOME = [8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 21, 22];

function unfinished(trial: readonly Value[]): readonly Value[] {
  return trial.map((value, i) => (i === 2 ? 'running' : OUTCOME.includes(i) ? null : value));
}

function isSound(id: number, trial: readonly Value[], detail: readonly Value[]): boolean {
  try {
    const row = rowOfColumns(id, trial);
    const [, genome, note, latency, samples, curve] = detail;
    if (!isText(genome) || typeof note !== 'string' || !isText(latency) || !isText(curve)) return false;
    if (samples !== null && !Buffer.isBuffer(samples)) return false;
    const parts: DetailRow = { genome, note, latency, samples, curve };
    const { genome: genes } = decodeTrial(row, parts);
    return genes === null || (Array.isArray(genes) && genes.every(isCount));
  } catch {
    return false;
  }
}

/** Throws TypeError where a column holds what was never written there. */
function rowOfColumns(id: number, values: readonly Value[]): TrialRow {
  const [, kind, state, parent, text, params, madds, seed, accuracy, latencyMs, low, high, ...rest] = values;
  const [latencySource, platform, fingerprint, reward, seconds, reason, checkpoint, attempts, ...last] = rest;
  const [createdAt, finishedAt, also = null] = last;
  const sound =
    [text, seed].every((value) => typeof value === 'string') &&
    [params, madds, attempts].every(isCount) &&
    (parent === null || (isCount(parent) && parent >= 1 && parent < id)) &&
    [latencyMs, low, high, reward, seconds, finishedAt].every(isNumber) &&
    (accuracy === null || (typeof accuracy === 'number' && accuracy >= 0 && accuracy <= 1)) &&
    typeof createdAt === 'number' &&
    [platform, fingerprint, reason, checkpoint, also].every(isText) &&
    [null, 'measured', 'table', 'predicted'].includes(latencySource as string | null) &&
    (state === 'running') === (finishedAt === null);
  if (!sound) throw new TypeError(`trial ${id} makes no sense`);
  return {
    ...{ trial: id, study: '', kind, state, parent, text, params, madds, seed, accuracy, latencyMs },
    ...{ latencyLowMs: low, latencyHighMs: high, latencySource, platform, fingerprint, reward, seconds },
    ...{ reason, checkpoint, attempts, createdAt, finishedAt, also: readAlso(also as string | null) },
  } as TrialRow;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isNumber(value: Value | undefined): boolean {
  return value === null || (typeof value === 'number' && Number.isFinite(value));
}

function isText(value: Value | undefined): value is string | null {
  return value === null || typeof value === 'string';
}
