import { trialRow, type TrialRow } from './row.js';
import { meetsTargets } from './targets.js';
import type { Trial } from './trial.js';

/**
 * Which trials may be compared with each other: done ones of one judge, timed on one device;
 * where none was timed, looked up in one table.
 * - `validation` (default): kinds `sample` and `netadapt`. A `proposal` is a short fine-tune on the way to a
 *   step and never compared.
 * - `test`: kind `retrain`, whose accuracies are of the test set and never stand beside held-out ones.
 */
export interface FrontierOptions {
  readonly judge?: 'validation' | 'test';
  /** Device; the one of the latest comparable trial when left out. */
  readonly fingerprint?: string;
}

interface Point<T> {
  readonly item: T;
  readonly id: number;
  readonly accuracy: number;
  readonly latencyMs: number;
  readonly also: TrialRow['also'];
}

/**
 * The trials no other beats in both accuracy (higher) and latency (lower), fastest first. Of trials alike in
 * both, the earliest.
 */
export function frontier<T extends Trial | TrialRow>(
  trials: Iterable<T>,
  options: FrontierOptions = {},
): T[] {
  const points = comparable(trials, options).sort(
    (a, b) => a.latencyMs - b.latencyMs || b.accuracy - a.accuracy || a.id - b.id,
  );
  const front: T[] = [];
  let best = Number.NEGATIVE_INFINITY;
  for (const point of points) {
    if (point.accuracy <= best) continue;
    best = point.accuracy;
    front.push(point.item);
  }
  return front;
}

/**
 * The most accurate trial whose median latency is at most `targetMs`, and on each further platform at most its target
 * there; of equals the faster, then the earlier.
 */
export function bestUnder<T extends Trial | TrialRow>(
  trials: Iterable<T>,
  targetMs: number,
  options: FrontierOptions = {},
): T | undefined {
  return comparable(trials, options)
    .filter((point) => meetsTargets({ medianMs: point.latencyMs, also: point.also }, targetMs))
    .sort((a, b) => b.accuracy - a.accuracy || a.latencyMs - b.latencyMs || a.id - b.id)[0]?.item;
}

/** A measured latency before a looked-up one, then the later trial. */
function isBetterKnown(row: TrialRow, other: TrialRow): boolean {
  if (row.latencySource !== other.latencySource) return row.latencySource === 'measured';
  return row.trial > other.trial;
}

function comparable<T extends Trial | TrialRow>(trials: Iterable<T>, options: FrontierOptions): Point<T>[] {
  const kinds = options.judge === 'test' ? ['retrain'] : ['sample', 'netadapt'];
  const found: (Point<T> & Pick<TrialRow, 'fingerprint' | 'latencySource'>)[] = [];
  let latest: TrialRow | undefined;
  for (const item of trials) {
    const row: TrialRow = 'outcome' in item ? trialRow(item) : item;
    if (row.state !== 'done' || !kinds.includes(row.kind) || row.latencySource === 'predicted') continue;
    if (row.accuracy === null || row.latencyMs === null) continue;
    if (options.fingerprint !== undefined && row.fingerprint !== options.fingerprint) continue;
    if (latest === undefined || isBetterKnown(row, latest)) latest = row;
    found.push({
      item,
      id: row.trial,
      accuracy: row.accuracy,
      latencyMs: row.latencyMs,
      also: row.also,
      fingerprint: row.fingerprint,
      latencySource: row.latencySource,
    });
  }
  return found.filter(
    (point) => point.fingerprint === latest?.fingerprint && point.latencySource === latest.latencySource,
  );
}
