import type { Rng } from '../core/index.js';
import type { Split } from './dataset.js';

/** How many items of each class to take so that `total` are taken in all, as even a share of each as can be. */
export function quotas(counts: readonly number[], total: number): number[] {
  const sum = counts.reduce((a, b) => a + b, 0);
  const exact = counts.map((count) => (sum === 0 ? 0 : (count * total) / sum));
  const taken = exact.map(Math.floor);
  const order = exact.map((value, index) => ({ index, rest: value - Math.floor(value) }));
  order.sort((a, b) => b.rest - a.rest || a.index - b.index);
  let left = Math.round(total) - taken.reduce((a, b) => a + b, 0);
  for (const { index } of order) {
    if (left <= 0) break;
    if ((taken[index] ?? 0) >= (counts[index] ?? 0)) continue;
    taken[index] = (taken[index] ?? 0) + 1;
    left--;
  }
  return taken;
}

/** The rows of each class, in ascending order. */
export function rowsByClass(labels: ArrayLike<number>, classes: number): number[][] {
  const rows: number[][] = Array.from({ length: classes }, () => []);
  for (let row = 0; row < labels.length; row++) rows[labels[row] ?? -1]?.push(row);
  return rows;
}

/**
 * Seeded stratified split: `share` of each class goes to `validation`, rounded so that the whole is right too.
 * Each class that has two pictures or more keeps one on either side.
 */
export function stratifiedSplit(labels: ArrayLike<number>, classes: number, share: number, rng: Rng): Split {
  const groups = rowsByClass(labels, classes);
  const counts = groups.map((rows) => rows.length);
  const quota = quotas(counts, Math.round(labels.length * share)).map((wanted, label) => {
    const count = counts[label] ?? 0;
    return count < 2 ? 0 : Math.min(count - 1, Math.max(1, wanted));
  });
  const train: number[] = [];
  const validation: number[] = [];
  groups.forEach((rows, label) => {
    const shuffled = rng.fork(label).shuffle(rows);
    const cut = quota[label] ?? 0;
    for (const row of shuffled.slice(0, cut)) validation.push(row);
    for (const row of shuffled.slice(cut)) train.push(row);
  });
  return { train: Int32Array.from(train).sort(), validation: Int32Array.from(validation).sort() };
}

/** How many pictures of a class a limited training set keeps at least: two that teach and one that is held out. */
export const leastPerClass = 3;

/** The smallest limit at which {@link stratifiedSample} keeps `floors` of each class, or all where it has fewer. */
export function leastLimit(counts: readonly number[], floors: readonly number[]): number {
  return counts.reduce((sum, count, label) => sum + Math.min(count, floors[label] ?? 0), 0);
}

/**
 * `limit` rows, ascending; all rows when there are no more than that. The same share of each class, but at least
 * `floors` of it (or all where it has fewer), which the larger classes make room for.
 * @throws RangeError for a limit below {@link leastLimit} (a bug: it is checked before)
 */
export function stratifiedSample(
  labels: ArrayLike<number>,
  classes: number,
  limit: number,
  rng: Rng,
  floors: readonly number[] = Array.from({ length: classes }, () => 0),
): Int32Array {
  if (labels.length <= limit) return Int32Array.from({ length: labels.length }, (_, row) => row);
  const groups = rowsByClass(labels, classes);
  const counts = groups.map((rows) => rows.length);
  const quota = raised(
    quotas(counts, limit),
    counts.map((count, label) => Math.min(count, floors[label] ?? 0)),
  );
  const kept = groups.flatMap((rows, label) => rng.fork(label).shuffle(rows).slice(0, quota[label]));
  return Int32Array.from(kept).sort();
}

/** Raises each number to its floor and takes as much from those above theirs, in proportion to what they have over it. */
function raised(quota: readonly number[], floors: readonly number[]): readonly number[] {
  const over = quota.map((count, label) => Math.max(0, count - (floors[label] ?? 0)));
  const lack = floors.reduce((sum, floor, label) => sum + Math.max(0, floor - (quota[label] ?? 0)), 0);
  if (lack === 0) return quota;
  if (lack > over.reduce((a, b) => a + b, 0)) throw new RangeError('a limit below the least one');
  const taken = quotas(over, lack);
  return quota.map((count, label) => Math.max(count, floors[label] ?? 0) - (taken[label] ?? 0));
}
