/** Where an axis of shares begins and ends; null leaves it to round numbers around the values, which do not reach so far. */
export function shareBounds(min: number, max: number): readonly [number | null, number | null] {
  if (!Number.isFinite(min) || !Number.isFinite(max)) return [0, 1];
  if (max - min < 1e-6) return [Math.max(0, min - 0.05), Math.min(1, max + 0.05)];
  const room = (max - min) / 2;
  return [min - room < 0 ? 0 : null, max + room > 1 ? 1 : null];
}
