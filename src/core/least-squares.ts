/**
 * The w ≥ 0 that makes |X·w − y|² + ridge·|w|² least, by coordinate descent, which converges since the problem is
 * convex and each coordinate's bound is its own.
 * @param rows as many rows of equal length as `targets`
 * @param ridge > 0; keeps columns that say the same from taking arbitrary shares
 * @throws RangeError for lengths that do not fit (a bug)
 */
export function nonNegativeLeastSquares(
  rows: readonly (readonly number[])[],
  targets: readonly number[],
  ridge: number,
): number[] {
  const width = rows[0]?.length ?? 0;
  if (rows.length !== targets.length || rows.some((row) => row.length !== width))
    throw new RangeError('rows and targets do not fit together');
  const products = new Float64Array(width * width);
  const pulls = new Float64Array(width);
  rows.forEach((row, k) => {
    row.forEach((value, i) => {
      pulls[i] = (pulls[i] as number) + value * (targets[k] as number);
      row.forEach((other, j) => {
        products[i * width + j] = (products[i * width + j] as number) + value * other;
      });
    });
  });

  const weights = new Float64Array(width);
  for (let sweep = 0, moved = Infinity; sweep < MOST_SWEEPS && moved > SETTLED; sweep++) {
    moved = 0;
    for (let i = 0; i < width; i++) {
      const before = weights[i] as number;
      const product = products[i * width + i] as number;
      let pull = (pulls[i] as number) + product * before;
      for (let j = 0; j < width; j++) pull -= (products[i * width + j] as number) * (weights[j] as number);
      const next = product + ridge > 0 ? Math.max(0, pull / (product + ridge)) : 0;
      moved = Math.max(moved, Math.abs(next - before));
      weights[i] = next;
    }
  }
  return [...weights];
}

const MOST_SWEEPS = 3000;
/** Of columns that are about 1 large. */
const SETTLED = 1e-7;
