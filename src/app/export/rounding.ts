import { relativeError } from '../../export/index.js';
import type { Weights } from '../../network/index.js';

/** What two correct programs may differ by in any case, relative to the largest number of an output. */
const AGREE = 1e-4;
/** Never forgiven: no rounding does this to a network that is worth exporting. */
const TOO_FAR = 0.05;
/** How much more than one nudge of the weights the roundings of every sum may do; up to 12 was measured. */
const ROUNDINGS = 30;

/**
 * Every weight moved by half a unit in its last place or so, up or down: a network that is as true to the trained one
 * as any program that computes in float32.
 */
export function nudged(weights: Weights): Weights {
  // Fibonacci hashing: signs without a pattern, the same ones each time.
  const sign = (i: number) => (Math.imul(i + 1, 0x9e3779b1) < 0 ? 1 : -1);
  return new Map(
    [...weights].map(([name, values]) => [name, values.map((value, i) => value * (1 + sign(i) * 2 ** -23))]),
  );
}

export function agrees(difference: number): boolean {
  return difference <= AGREE;
}

/**
 * What a correct program may differ by from our forward pass. 1e-4, save for networks that enlarge roundings: those
 * trained for a few steps only, or run at another picture size, may have sums of hundreds that cancel out. How much a
 * network enlarges them is seen by nudging its weights.
 */
export function allowance(own: Float32Array, ownNudged: Float32Array): number {
  return Math.min(TOO_FAR, Math.max(AGREE, ROUNDINGS * relativeError(ownNudged, own)));
}
