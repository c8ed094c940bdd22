import { deviceGroup } from './device.js';
import { trialRow, type TrialRow } from './row.js';
import { meetsTargets } from './targets.js';
import type { Trial } from './trial.js';

/**
 * Which trials may be compared with each other: done ones of one evaluation split, timed on one device (of each platform,
 * where the study has several); where none was timed, looked up in one table.
 * - `validation` (default): kinds `sample` and `netadapt`. A `proposal` is a short fine-tune on the way to a
 *   step and never compared.
 * - `test`: kind `retrain`, whose accuracies are of the test set and never compare with held-out ones.
 */
export interface FrontierOptions {
  readonly evaluationSplit?: 'validation' | 'test';
  /** Device of the first platform; that of the latest comparable trial when left out. */
  readonly fingerprint?: string;
}

interface Point<T> {
  readonly item: T;
  readonly row: TrialRow;
  readonly accuracy: number;
  readonly latencyMs: number;
}

/**
 * The trials no other beats in both accuracy (higher) and latency (lower), fastest first. Of trials equal in
 * both, the earliest.
 */
export function frontier<T extends Trial | TrialRow>(
  trials: Iterable<T>,
  options: FrontierOptions = {},
): T[] {
  const points = comparable(trials, options).sort(
    (a, b) => a.latencyMs - b.latencyMs || b.accuracy - a.accuracy || a.row.trial - b.row.trial,
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
  const best = createBest<T>(targetMs, options);
  for (const trial of trials) best.add(trial);
  return best.trial();
}

/** {@link bestUnder} of a study that grows: a trial more costs the same however many there are. */
export interface Best<T extends Trial | TrialRow> {
  /** Each trial once, in any order. */
  add(trial: T): void;
  trial(): T | undefined;
}

export function createBest<T extends Trial | TrialRow>(
  targetMs: number,
  options: FrontierOptions = {},
): Best<T> {
  const best = new Map<string, Point<T>>();
  let latest: TrialRow | undefined;
  return {
    add(item) {
      const point = pointOf(item, options);
      if (point === undefined) return;
      if (latest === undefined || isBetterKnown(point.row, latest)) latest = point.row;
      if (!meetsTargets({ medianMs: point.latencyMs, also: point.row.also }, targetMs)) return;
      const group = deviceGroup(point.row);
      const other = best.get(group);
      if (other === undefined || isBetter(point, other)) best.set(group, point);
    },
    trial: () => latest && best.get(deviceGroup(latest))?.item,
  };
}

function isBetter<T>(a: Point<T>, b: Point<T>): boolean {
  return (b.accuracy - a.accuracy || a.latencyMs - b.latencyMs || a.row.trial - b.row.trial) < 0;
}

/** A measured latency before a looked-up one, then the later trial. */
function isBetterKnown(row: TrialRow, other: TrialRow): boolean {
  if (row.latencySource !== other.latencySource) return row.latencySource === 'measured';
  return row.trial > other.trial;
}

function pointOf<T extends Trial | TrialRow>(item: T, options: FrontierOptions): Point<T> | undefined {
  const row: TrialRow = 'outcome' in item ? trialRow(item) : item;
  const kinds = options.evaluationSplit === 'test' ? ['retrain'] : ['sample', 'netadapt'];
  if (row.state !== 'done' || !kinds.includes(row.kind) || row.latencySource === 'predicted')
    return undefined;
  if (row.accuracy === null || row.latencyMs === null) return undefined;
  if (options.fingerprint !== undefined && row.fingerprint !== options.fingerprint) return undefined;
  return { item, row, accuracy: row.accuracy, latencyMs: row.latencyMs };
}

function comparable<T extends Trial | TrialRow>(trials: Iterable<T>, options: FrontierOptions): Point<T>[] {
  const found: Point<T>[] = [];
  let latest: TrialRow | undefined;
  for (const item of trials) {
    const point = pointOf(item, options);
    if (point === undefined) continue;
    if (latest === undefined || isBetterKnown(point.row, latest)) latest = point.row;
    found.push(point);
  }
  const group = latest && deviceGroup(latest);
  return found.filter(({ row }) => deviceGroup(row) === group);
}
