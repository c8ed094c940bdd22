import { compareIntervals, type Interval } from '../../core/index.js';
import type { TrialRow } from '../../trials/index.js';

/** What is needed of a trial to distinguish its latency from another's. */
export type Timed = Pick<TrialRow, 'trial' | 'latencyLowMs' | 'latencyHighMs' | 'fingerprint'>;

/** Of each trial of a frontier: the others not known to be faster or slower. */
export type Indistinguishable = ReadonlyMap<number, readonly number[]>;

/**
 * Which trials of a frontier are indistinguishable in latency: timed on one device, with 95 % intervals that touch. (Their
 * order in accuracy may still be real.)
 * @param front by latency; so are the others of each
 */
export function indistinguishableOnFrontier(front: readonly Timed[]): Indistinguishable {
  return new Map(
    front.map((row) => [
      row.trial,
      front.filter((other) => other !== row && touch(row, other)).map(({ trial }) => trial),
    ]),
  );
}

/** Each pair once, the faster first. */
export function indistinguishablePairs(
  indistinguishable: Indistinguishable,
): readonly (readonly [number, number])[] {
  const seen = new Set<number>();
  return [...indistinguishable].flatMap(([trial, others]) => {
    seen.add(trial);
    return others.filter((other) => !seen.has(other)).map((other) => [trial, other] as const);
  });
}

/** Pairs in words, at most; a crowded frontier has hundreds, which its table lists row by row. */
const MOST_PAIRS = 12;

/** `3 ≈ 5 and 8; 5 ≈ 8`: pairs in words, those with the same faster trial together. */
export function indistinguishableText(pairs: readonly (readonly [number, number])[]): string {
  const slower = new Map<number, number[]>();
  for (const [a, b] of pairs.slice(0, MOST_PAIRS)) slower.set(a, [...(slower.get(a) ?? []), b]);
  const words = [...slower].map(([a, others]) => `${a} ≈ ${listed(others)}`);
  const more = pairs.length - MOST_PAIRS;
  return [...words, ...(more > 0 ? [`and ${more} more pairs`] : [])].join('; ');
}

function listed(trials: readonly number[]): string {
  return trials.length < 2 ? trials.join() : `${trials.slice(0, -1).join(', ')} and ${trials.at(-1)}`;
}

function touch(a: Timed, b: Timed): boolean {
  const [one, other] = [intervalOf(a), intervalOf(b)];
  if (one === null || other === null || a.fingerprint !== b.fingerprint) return false;
  return compareIntervals(one, other) === 'touching';
}

function intervalOf({ latencyLowMs, latencyHighMs }: Timed): Interval | null {
  return latencyLowMs === null || latencyHighMs === null ? null : { low: latencyLowMs, high: latencyHighMs };
}
