/** An accuracy with its binomial standard error. */
export interface EvaluatedAccuracy {
  /** Share of right answers, 0 … 1. */
  readonly accuracy: number;
  /** Pictures it was counted on; null where the study does not say. */
  readonly pictures: number | null;
  /** √(p (1 − p) / n); null where n is not known. */
  readonly error: number | null;
}

export type AccuracyVerdict = 'higher' | 'lower' | 'indistinguishable' | 'unknown';

/** @param pictures how many the accuracy was counted on; null where unknown */
export function evaluated(accuracy: number, pictures: number | null): EvaluatedAccuracy {
  const error = pictures === null ? null : Math.sqrt((accuracy * (1 - accuracy)) / pictures);
  return { accuracy, pictures, error };
}

/** Quantile of the normal distribution for an interval of 95 %. */
const TWO_SIDED_95 = 1.96;

/** Half the 95 % interval of `a − b` by the binomial errors of both; null where one is not known. */
export function halfOfDifference(a: EvaluatedAccuracy, b: EvaluatedAccuracy): number | null {
  if (a.error === null || b.error === null) return null;
  return TWO_SIDED_95 * Math.hypot(a.error, b.error);
}

/**
 * Whether `a` is more accurate than `b`: stated only where the difference exceeds the half of its 95 % interval. Two
 * networks evaluated on the same pictures err on many of them together, so this rule distinguishes fewer than it might.
 */
export function compareAccuracies(a: EvaluatedAccuracy, b: EvaluatedAccuracy): AccuracyVerdict {
  const half = halfOfDifference(a, b);
  if (half === null) return 'unknown';
  const difference = a.accuracy - b.accuracy;
  if (Math.abs(difference) <= half) return 'indistinguishable';
  return difference > 0 ? 'higher' : 'lower';
}
