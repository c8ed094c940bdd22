import { cholesky, rowAt, solveLower, solveUpper, type Factor } from './cholesky.js';
import type { Features, Point } from './features.js';

/** How far apart two networks may be and still be similar, and variance of what is measured relative to that of what is true. */
export interface Kernel {
  readonly length: number;
  readonly noise: number;
}

/** What a Gaussian process knows of a function from what was measured of it. */
export interface Posterior {
  readonly points: readonly Point[];
  /** Means at the points. */
  readonly means: Float64Array;
  mean(similarity: Float64Array): number;
  /** Standard deviation of the true value. */
  deviation(similarity: Float64Array): number;
  /** Where nothing similar was measured. */
  readonly mostDeviation: number;
  /** Similarity to each of the points, in [0, 1]. */
  similarity(point: Point): Float64Array;
}

const LENGTHS = [0.7, 1, 1.5, 2.2];
const NOISES = [0.03, 0.1, 0.2, 0.4];

/** Squared distances of each pair of points, as a triangle. */
export function* distancesOf(features: Features, points: readonly Point[]): Generator<void, Float64Array> {
  const distances = new Float64Array(rowAt(points.length));
  const distancesTo = features.squaredDistances(points);
  for (const [i, point] of points.entries()) {
    if (i % 32 === 31) yield;
    distances.set(distancesTo(point, i), rowAt(i));
  }
  return distances;
}

/** Of some kernels the one by which the values are most likely (Rasmussen and Williams 2006, eq. 2.30), their scale left free. */
export function* mostLikelyKernel(distances: Float64Array, values: Float64Array): Generator<void, Kernel> {
  const size = values.length;
  let best: { readonly kernel: Kernel; readonly likelihood: number } | undefined;
  for (const length of LENGTHS)
    for (const noise of NOISES) {
      const kernel = { length, noise };
      const factor = yield* cholesky(covariance(distances, size, kernel), size);
      const white = solveLower(factor, values);
      let [squares, determinant] = [1e-12, 0];
      for (let i = 0; i < size; i++) {
        squares += (white[i] as number) ** 2;
        determinant += Math.log(factor.lower[rowAt(i) + i] as number);
      }
      const likelihood = -0.5 * size * Math.log(squares / size) - determinant;
      if (best === undefined || likelihood > best.likelihood) best = { kernel, likelihood };
      yield;
    }
  return best?.kernel ?? { length: 1, noise: 0.1 };
}

/**
 * The posterior of a Gaussian process with mean 0 and a squared exponential kernel (Rasmussen and Williams 2006, algorithm 2.1), its
 * scale that of greatest likelihood.
 */
export function* posteriorOf(
  features: Features,
  points: readonly Point[],
  distances: Float64Array,
  values: Float64Array,
  kernel: Kernel,
): Generator<void, Posterior> {
  const size = points.length;
  const factor: Factor = yield* cholesky(covariance(distances, size, kernel), size);
  const distancesTo = features.squaredDistances(points);
  const white = solveLower(factor, values);
  const weights = solveUpper(factor, white);
  const scale = Math.sqrt(dot(white, white) / Math.max(1, size)) || 1;
  return {
    points,
    // K·w = values − noise·w.
    means: values.map((value, i) => value - kernel.noise * (weights[i] as number)),
    similarity: (point) => distancesTo(point).map((distance) => similar(distance, kernel)),
    mostDeviation: scale,
    mean: (similarity) => dot(similarity, weights),
    deviation(similarity) {
      const known = solveLower(factor, similarity);
      return scale * Math.sqrt(Math.max(1 - dot(known, known), 0));
    },
  };
}

function covariance(distances: Float64Array, size: number, kernel: Kernel): Float64Array {
  const matrix = distances.map((distance) => similar(distance, kernel));
  for (let i = 0; i < size; i++) matrix[rowAt(i) + i] = 1 + kernel.noise;
  return matrix;
}

function similar(squaredDistance: number, { length }: Kernel): number {
  return Math.exp((-0.5 * squaredDistance) / (length * length));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
