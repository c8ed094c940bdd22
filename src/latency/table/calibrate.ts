/** A network whose latency was measured, as the table sees it. */
export interface Observation {
  /** Sum of its pieces and the empty network, ms. */
  readonly sumMs: number;
  readonly pieces: number;
  readonly params: number;
  readonly measuredMs: number;
}

/** What a network's latency depends on beside the sum of its pieces. */
export type Facts = Omit<Observation, 'measuredMs'>;

export interface Calibration {
  /** Networks that it was fitted to. */
  readonly networks: number;
  correct(facts: Facts): number;
  /**
   * Measured by corrected latency of each network that was fitted to, corrected by a fit without it.
   */
  readonly leftOut: readonly number[];
}

/** Strength of the pull towards "the sum is right", tried in turn; the one whose left-out error is least is taken. */
const RIDGES = [10, 3, 1, 0.3, 0.1, 0.03, 0.01];

/**
 * Latency ≈ a·sum + b·pieces + c·weights + d, fitted for the least relative error with a pull towards a = 1 and
 * b = c = d = 0: entries that are all timed a little too short (caches warm, no neighbour) or bear the same cost of their
 * own need few networks to be mended, and with few networks little is taken from the sum. b stands for what a piece
 * costs beside others, c for weights that a small network finds in the cache and a large one does not.
 */
export function calibrate(observations: readonly Observation[]): Calibration {
  if (observations.length < 3)
    return { networks: observations.length, correct: ({ sumMs }) => sumMs, leftOut: [] };
  const leftOutBy = (ridge: number) =>
    observations.map((one) => {
      const others = observations.filter((other) => other !== one);
      return one.measuredMs / fit(others, ridge)(one);
    });
  const tried = RIDGES.map((ridge) => {
    const leftOut = leftOutBy(ridge);
    return { ridge, leftOut, error: leftOut.reduce((sum, ratio) => sum + Math.abs(Math.log(ratio)), 0) };
  });
  const best = tried.reduce((a, b) => (b.error < a.error ? b : a));
  return { networks: observations.length, correct: fit(observations, best.ridge), leftOut: best.leftOut };
}

function fit(observations: readonly Observation[], ridge: number): (facts: Facts) => number {
  const rows = observations.map((one) => columns(one).map((value) => value / one.measuredMs));
  const width = rows[0]?.length ?? 0;
  const scales = Array.from({ length: width }, (_, at) =>
    Math.sqrt(rows.reduce((sum, row) => sum + (row[at] as number) ** 2, 0) / rows.length),
  );
  const scaled = rows.map((row) => row.map((value, at) => value / ((scales[at] as number) || 1)));
  // The first column's start is 1, so the rest is fitted to what the sum leaves.
  const targets = rows.map((row) => 1 - (row[0] as number));
  const change = ridgeFit(scaled, targets, ridge);
  const weights = change.map((value, at) => value / ((scales[at] as number) || 1) + (at === 0 ? 1 : 0));
  return (facts) => {
    const value = columns(facts).reduce((sum, amount, at) => sum + amount * (weights[at] as number), 0);
    // Far outside of what was fitted a line may lead anywhere.
    return Math.min(Math.max(value, facts.sumMs / 3), facts.sumMs * 3);
  };
}

function columns({ sumMs, pieces, params }: Facts): readonly number[] {
  return [sumMs, pieces, params, 1];
}

/** The w that makes |X·w − y|² + ridge·|w|² least, by elimination; ridge > 0 keeps the matrix regular. */
function ridgeFit(rows: readonly (readonly number[])[], targets: readonly number[], ridge: number): number[] {
  const width = rows[0]?.length ?? 0;
  const matrix = Array.from({ length: width }, (_, i) => [
    ...Array.from(
      { length: width },
      (__, j) => sumOf(rows, (row) => at(row, i) * at(row, j)) + (i === j ? ridge : 0),
    ),
    sumOf(rows, (row, k) => at(row, i) * at(targets, k)),
  ]);
  for (let i = 0; i < width; i++)
    for (let j = i + 1; j < width; j++) {
      const factor = at(at(matrix, j), i) / at(at(matrix, i), i);
      for (let k = i; k <= width; k++)
        (matrix[j] as number[])[k] = at(at(matrix, j), k) - factor * at(at(matrix, i), k);
    }
  const weights = new Array<number>(width).fill(0);
  for (let i = width - 1; i >= 0; i--) {
    const row = at(matrix, i);
    const known = sumOf(weights, (weight, k) => (k > i ? weight * at(row, k) : 0));
    weights[i] = (at(row, width) - known) / at(row, i);
  }
  return weights;
}

function sumOf<T>(list: readonly T[], value: (item: T, index: number) => number): number {
  return list.reduce((sum, item, index) => sum + value(item, index), 0);
}

function at<T>(list: readonly T[], index: number): T {
  return list[index] as T;
}
