/**
 * The w ≥ 0 that makes |X·w − y|² + ridge·|w|² least, by the active-set method (Lawson and Hanson, Solving Least Squares
 * Problems, 1974, chapter 23) on the normal equations, which the ridge makes positive definite.
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
  for (const [k, row] of rows.entries()) {
    for (let i = 0; i < width; i++) {
      const value = row[i] as number;
      if (value === 0) continue;
      pulls[i] = (pulls[i] as number) + value * (targets[k] as number);
      for (let j = 0; j < width; j++)
        products[i * width + j] = (products[i * width + j] as number) + value * (row[j] as number);
    }
  }

  for (let i = 0; i < width; i++) products[i * width + i] = (products[i * width + i] as number) + ridge;
  return nonNegative(products, pulls);
}

/** Share of the steepest slope at the start below which a weight stays 0. */
const FLAT = 1e-13;

/** The w ≥ 0 that makes w·P·w / 2 − q·w least, for P symmetric and positive definite. */
function nonNegative(P: Float64Array, q: Float64Array): number[] {
  const weights = new Float64Array(q.length);
  const flat = FLAT * q.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let free: number[] = [];
  // Each round lowers the minimum, so that there is an end; the bound is for what rounding makes of that.
  for (let round = 0; round < 10 * q.length; round++) {
    // Of the weights that are held at 0, the one that lowers the minimum most.
    let entering: number | undefined;
    let steepest = flat;
    for (let i = 0; i < q.length; i++) {
      const slope = free.includes(i) ? 0 : slopeAt(P, q, weights, i);
      if (slope <= steepest) continue;
      steepest = slope;
      entering = i;
    }
    if (entering === undefined) break;
    free.push(entering);
    for (;;) {
      const best = solve(P, q, free);
      // As far towards it as no weight becomes negative; one that would becomes 0 and leaves.
      let share = 1;
      let leaving: number | undefined;
      free.forEach((i, k) => {
        const [from, to] = [weights[i] as number, best[k] as number];
        if (to >= 0 || from / (from - to) >= share) return;
        share = from / (from - to);
        leaving = i;
      });
      free.forEach((i, k) => {
        const from = weights[i] as number;
        weights[i] = i === leaving ? 0 : Math.max(0, from + share * ((best[k] as number) - from));
      });
      if (leaving === undefined) break;
      free = free.filter((i) => i !== leaving);
    }
  }
  return [...weights];
}

/** How much the minimum falls with weight i. */
function slopeAt(P: Float64Array, q: Float64Array, weights: Float64Array, i: number): number {
  let slope = q[i] as number;
  for (let j = 0; j < q.length; j++) slope -= (P[i * q.length + j] as number) * (weights[j] as number);
  return slope;
}

/** Share of a diagonal element: what is left of it below that is rounding, and its row says what others say. */
const DEPENDENT = 1e-14;

/** The x with P·x = q, both of the given rows alone, by Cholesky's factors; 0 for a row that depends on those before it. */
function solve(P: Float64Array, q: Float64Array, rows: readonly number[]): Float64Array {
  const n = rows.length;
  const factor = new Float64Array(n * n);
  const at = (i: number, j: number): number => factor[i * n + j] as number;
  const x = Float64Array.from(rows, (row) => q[row] as number);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = P[(rows[i] as number) * q.length + (rows[j] as number)] as number;
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / at(j, j);
    }
    if (!(at(i, i) ** 2 > DEPENDENT * (P[(rows[i] as number) * (q.length + 1)] as number)))
      factor[i * n + i] = Infinity;
    for (let k = 0; k < i; k++) x[i] = (x[i] as number) - at(i, k) * (x[k] as number);
    x[i] = (x[i] as number) / at(i, i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] = (x[i] as number) - at(k, i) * (x[k] as number);
    x[i] = (x[i] as number) / at(i, i);
  }
  return x;
}
