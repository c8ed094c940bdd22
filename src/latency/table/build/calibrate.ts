import { mean, median } from '../../../core/index.js';

/** A network whose latency was measured, as the table sees it. */
export interface Observation {
  /** Sum of its segments and the empty network, ms. */
  readonly sumMs: number;
  readonly segments: number;
  /** What its weights cost more than in its segments, ms, in the sum already; where it was not measured or none was found, their number squared. */
  readonly weights: number;
  readonly measuredMs: number;
  /** Width of the measurement's 95 % interval as a share; none when left out. */
  readonly width?: number;
}

/** What a network's latency depends on in addition to the sum of its segments. */
export type Facts = Omit<Observation, 'measuredMs' | 'width'>;

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
 * Latency ≈ a·sum + b·segments + c·weights + d, fitted for the least relative error with a pull towards a = 1 and
 * b = c = d = 0: entries that are all timed a little too short (caches warm, no neighbour) or bear the same cost of their
 * own need few networks to be corrected, and with few networks little is taken from the sum. b stands for what a segment
 * costs next to others. c stands for weights that a segment timed alone finds in the cache. Networks that were measured badly, by their interval or because they lie far off the others
 * (Huber's weights), count less.
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
    return { ridge, leftOut, error: trimmed(leftOut.map((ratio) => Math.abs(Math.log(ratio)))) };
  });
  const best = tried.reduce((a, b) => (b.error < a.error ? b : a));
  return { networks: observations.length, correct: fit(observations, best.ridge), leftOut: best.leftOut };
}

/** Mean without the largest fifth, so that one bad measurement does not choose. */
function trimmed(values: readonly number[]): number {
  const kept = [...values].sort((a, b) => a - b).slice(0, Math.max(1, Math.ceil(0.8 * values.length)));
  return mean(kept);
}

function fit(observations: readonly Observation[], ridge: number): (facts: Facts) => number {
  const centre = median(observations.map(({ sumMs, measuredMs }) => measuredMs / sumMs));
  let correct = (facts: Facts): number => centre * facts.sumMs;
  for (let round = 0; round < ROUNDS; round++)
    correct = weightedFit(observations, weightsOf(observations, correct), ridge);
  return (facts) => {
    const value = correct(facts);
    // Far outside of what was fitted a line may lead anywhere.
    return Math.min(Math.max(value, facts.sumMs / 3), facts.sumMs * 3);
  };
}

const ROUNDS = 6;
/** What a network is off by even where everything was measured well; a standard deviation. */
const PLAIN_ERROR = 0.02;
/** Deviations from which on a network counts less (Huber 1964: 1.345). */
const HUBER = 1.345;

/** Between 0 and 1: by the measurement's own interval, and by how far off the fit it lies. */
function weightsOf(observations: readonly Observation[], correct: (facts: Facts) => number): number[] {
  const off = observations.map((one) => Math.abs(1 - correct(one) / one.measuredMs));
  const scale = Math.max(PLAIN_ERROR, 1.4826 * median(off));
  return observations.map(({ width = 0 }, i) => {
    const own = PLAIN_ERROR ** 2 / (PLAIN_ERROR ** 2 + (width / 4) ** 2);
    return own * Math.min(1, (HUBER * scale) / Math.max(at(off, i), Number.MIN_VALUE));
  });
}

function weightedFit(
  observations: readonly Observation[],
  weights: readonly number[],
  ridge: number,
): (facts: Facts) => number {
  const total = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const roots = weights.map((weight) => Math.sqrt(weight / total));
  const rows = observations.map((one, i) =>
    columns(one).map((value) => (value / one.measuredMs) * at(roots, i)),
  );
  const width = rows[0]?.length ?? 0;
  const scales = Array.from({ length: width }, (_, column) => {
    const meanSquare = rows.reduce((sum, row) => sum + at(row, column) ** 2, 0) / rows.length;
    return Math.sqrt(meanSquare) || 1;
  });
  const scaled = rows.map((row) => row.map((value, column) => value / at(scales, column)));
  // The first column's start is 1, so the rest is fitted to what the sum leaves.
  const targets = rows.map((row, i) => at(roots, i) - at(row, 0));
  const change = ridgeFit(scaled, targets, ridge);
  const factors = change.map((value, column) => value / at(scales, column) + (column === 0 ? 1 : 0));
  return (facts) => columns(facts).reduce((sum, amount, column) => sum + amount * at(factors, column), 0);
}

function columns({ sumMs, segments, weights }: Facts): readonly number[] {
  return [sumMs, segments, weights, 1];
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
