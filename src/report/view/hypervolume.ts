import type { HypervolumeView } from './view.js';

/** What a hypervolume is measured from. */
export type ReferencePoint = Pick<HypervolumeView, 'referenceMs' | 'referenceAccuracy'>;

/**
 * The reference point of a study: twice its target, and the accuracy of guessing. It depends on nothing that a search
 * finds, so the hypervolume of one study never falls, and studies of one target and one data set compare.
 * @param targetMs of the first platform, above 0
 * @param classes at least 2
 */
export function referencePoint(targetMs: number, classes: number): ReferencePoint {
  return { referenceMs: 2 * targetMs, referenceAccuracy: 1 / classes };
}

/**
 * Hypervolume in two dimensions (Zitzler & Thiele 1998): the area of what the points beat, between them and the
 * reference point, as a share of the box from the reference point to accuracy 1 at 0 ms. Points that are beaten by
 * others, or that do not beat the reference point in both, add nothing; their order does not matter.
 * @returns null for no points
 */
export function hypervolume(
  points: readonly { readonly latencyMs: number; readonly accuracy: number }[],
  reference: ReferencePoint,
): HypervolumeView | null {
  if (points.length === 0) return null;
  const { referenceMs, referenceAccuracy } = reference;
  const byLatency = [...points].sort((a, b) => a.latencyMs - b.latencyMs);
  let area = 0;
  let reached = referenceAccuracy;
  for (const { latencyMs, accuracy } of byLatency) {
    if (latencyMs >= referenceMs || accuracy <= reached) continue;
    area += (referenceMs - latencyMs) * (accuracy - reached);
    reached = accuracy;
  }
  const box = referenceMs * (1 - referenceAccuracy);
  return { share: box > 0 ? area / box : 0, ...reference };
}
