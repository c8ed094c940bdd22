/** An axis: a range and the round numbers on it. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** Decimals that make neighbouring ticks differ. */
  readonly decimals: number;
}

/** What an axis may not leave, such as 0 and 1 for shares. */
export interface AxisBounds {
  readonly least?: number;
  readonly most?: number;
}

export const SHARES: AxisBounds = Object.freeze({ least: 0, most: 1 });

/**
 * About `count` ticks at multiples of 1, 2, 2.5 or 5 times a power of ten inside [low, high].
 * A range without extent, or with one that its numbers hardly resolve, is widened first, so that there is always an
 * axis; but never beyond `least` and `most`.
 */
export function axisOf(
  low: number,
  high: number,
  count: number,
  { least = -Infinity, most = Infinity }: AxisBounds = {},
): Axis {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (!(high - low > size * 1e-9)) {
    const half = size === 0 ? 1 : Math.max(size / 10, 1e-6);
    return axisOf(Math.max(least, low - half), Math.min(most, high + half), count);
  }
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((step) => step * power >= rough * 0.999) ?? 10;
  const step = factor * power;
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) + (factor === 2.5 ? 1 : 0);
  const ticks: number[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
    ticks.push(i === 0 ? 0 : i * step);
  return { low, high, ticks, decimals: Math.min(decimals, 12) };
}
