/** A closed range that holds a value with the stated confidence. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** How one interval compares with another; stated only where they have no point in common. */
export type IntervalOrder = 'below' | 'above' | 'touching';

/** The one rule that distinguishes two values with 95 % intervals: intervals that do not touch. */
export function compareIntervals(a: Interval, b: Interval): IntervalOrder {
  if (a.high < b.low) return 'below';
  if (b.high < a.low) return 'above';
  return 'touching';
}

/** Arithmetic mean; NaN for no values. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Sample standard deviation (n − 1); 0 for fewer than two values. */
export function standardDeviation(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/** Quantile with linear interpolation between order statistics (type 7); NaN for no values. `q` in [0, 1]. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] as number;
  const high = sorted[Math.ceil(at)] as number;
  // Rounding must not lead past the higher one.
  return Math.min(low + (high - low) * (at - Math.floor(at)), high);
}

/** The middle value; NaN for no values. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median absolute deviation from the median, unscaled. */
export function mad(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre)));
}
