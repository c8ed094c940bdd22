import type { Genome, SearchSpace } from '../../../space/index.js';

/** Predicts a number from a genome, and how far off it was at those it was made from (root mean square). */
export interface Linear {
  of(genome: Genome): number;
  readonly error: number;
}

/** Weight of the squared effects relative to the squared errors, and steps of the conjugate gradient method at most. */
const RIDGE = 0.3;
const STEPS = 40;

/**
 * A sum of one effect per option: what a latency is roughly, and an accuracy more roughly. Least squares with a ridge, by
 * conjugate gradients (Hestenes and Stiefel 1952).
 */
export function* fitLinear(
  { choices }: SearchSpace,
  genomes: readonly Genome[],
  targets: readonly number[],
): Generator<void, Linear> {
  let width = 0;
  const starts = choices.map(({ options }) => (width += options.length) - options.length);
  const centre = targets.reduce((a, b) => a + b, 0) / Math.max(1, targets.length);
  const places = genomes.map((genome) => Int32Array.from(genome, (gene, i) => (starts[i] ?? 0) + gene));
  const weights = new Float64Array(width);
  const sumOf = (at: Int32Array, of: Float64Array): number => {
    let sum = 0;
    for (const i of at) sum += of[i] as number;
    return sum;
  };
  const spread = (values: readonly number[]): Float64Array => {
    const to = new Float64Array(width);
    for (const [k, at] of places.entries())
      for (const i of at) to[i] = (to[i] as number) + (values[k] as number);
    return to;
  };
  const dot = (a: Float64Array, b: Float64Array): number =>
    a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  let residual = spread(targets.map((target) => target - centre));
  let direction = residual.slice();
  let size = dot(residual, residual);
  const enough = 1e-10 * size;
  for (let step = 0; step < STEPS && size > enough; step++) {
    if (step % 4 === 3) yield;
    const image = spread(places.map((at) => sumOf(at, direction)));
    for (let i = 0; i < width; i++) image[i] = (image[i] as number) + RIDGE * (direction[i] as number);
    const rate = size / dot(direction, image);
    for (let i = 0; i < width; i++) weights[i] = (weights[i] as number) + rate * (direction[i] as number);
    residual = residual.map((value, i) => value - rate * (image[i] as number));
    const next = dot(residual, residual);
    direction = residual.map((value, i) => value + (next / size) * (direction[i] as number));
    size = next;
  }
  const errors = places.map((at, k) => (targets[k] as number) - centre - sumOf(at, weights));
  return {
    of: (genome) =>
      centre + genome.reduce((sum, gene, i) => sum + (weights[(starts[i] ?? 0) + gene] ?? 0), 0),
    error: Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / Math.max(1, errors.length)),
  };
}
