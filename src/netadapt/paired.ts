import { mean, median, standardDeviation } from '../core/index.js';
import type { PairedSaving } from './state-schema.js';

/** Stretches of a session that are compared one by one. */
const STRETCHES = 20;
/** Two-sided 95 % of Student's t with 19 degrees of freedom. */
const T_19 = 2.093;
/** Samples a stretch must have for a median of it to mean something. */
const LEAST_PER_STRETCH = 3;

/**
 * Compares two networks that one session timed in turns: sample k of both was taken in the same moment, so a drift of
 * the machine is in both and their ratio is free of it. The session is cut into stretches; the saving is the mean of
 * the stretches' relative savings, times the median before, and its interval comes from their spread.
 * @param before, after samples in order of time, ms, as many of each
 * @returns undefined where there are too few to compare, or not as many of each
 */
export function pairedSaving(before: readonly number[], after: readonly number[]): PairedSaving | undefined {
  const per = Math.floor(before.length / STRETCHES);
  if (before.length !== after.length || per < LEAST_PER_STRETCH) return undefined;
  const shares = Array.from({ length: STRETCHES }, (_, k) => {
    const stretch = (samples: readonly number[]): number => median(samples.slice(k * per, (k + 1) * per));
    return 1 - stretch(after) / stretch(before);
  });
  const scale = median(before);
  const share = mean(shares);
  const error = (T_19 * standardDeviation(shares)) / Math.sqrt(STRETCHES);
  return { savedMs: share * scale, leastMs: (share - error) * scale };
}
