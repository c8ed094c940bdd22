import type { TrialRow } from '../../trials/index.js';

/**
 * Pairs of frontier trials whose latencies cannot be told apart: their 95 % intervals touch. (Their order in accuracy
 * may still be real.) All of a frontier are of one device, so intervals compare.
 * @param front by latency
 * @returns pairs of trials, the faster first
 */
export function alikeOnFrontier(front: readonly TrialRow[]): readonly (readonly [number, number])[] {
  return front.flatMap((a, index) =>
    front.slice(index + 1).flatMap((b) => (touch(a, b) ? [[a.trial, b.trial] as const] : [])),
  );
}

function touch(a: TrialRow, b: TrialRow): boolean {
  if (a.latencyLowMs === null || a.latencyHighMs === null) return false;
  if (b.latencyLowMs === null || b.latencyHighMs === null) return false;
  return a.latencyHighMs >= b.latencyLowMs && b.latencyHighMs >= a.latencyLowMs;
}
