import type { Genome, SearchSpace } from '../../../space/index.js';

/** A genome as a point whose distance from others says how different two networks are likely to be. */
export interface Point {
  readonly genes: Int32Array;
  /** Counts, places and latency, each with its weight in it. */
  readonly values: Float64Array;
}

export interface Features {
  /** @param latency as a share of its target; null where unknown */
  of(genome: Genome, latency: number | null): Point;
  /**
   * Squared distances of a point to each of the given points, or to the first `count` of them. Of two random genomes about twice the
   * sum of the weights.
   */
  squaredDistances(points: readonly Point[]): (point: Point, count?: number) => Float64Array;
}

/**
 * Weights of the squared distances. Counts weigh most: found on NAS-Bench-201 with the limits of the Raspberry Pi 4 and seeds that no
 * figure is reported for.
 */
const CHOICE_WEIGHT = 0.5;
const COUNT_WEIGHT = 2;
const LATENCY_WEIGHT = 0.3;
/** Deviation of the logarithm of latencies within a target. */
const LATENCY_DEVIATION = 0.5;
/** Share of the target below which latencies hardly differ. */
const LEAST_LATENCY = 0.05;

/**
 * Which choices differ; how often each option occurs among all choices of the same options ("GRAF", 2404.16551, §3: such counts say
 * more than an encoding does); the place of the option in its choice, where options are numbers (widths and depths are listed by
 * size); and the logarithm of the latency. Each kind is scaled by its variance over random genomes.
 */
export function featuresOf({ choices }: SearchSpace): Features {
  const byOptions = new Map<string, number[]>();
  for (const [i, { options }] of choices.entries()) {
    if (options.length < 2) continue;
    const key = JSON.stringify(options);
    byOptions.set(key, [...(byOptions.get(key) ?? []), i]);
  }
  const groups = [...byOptions.values()].filter((group) => group.length > 1);
  const numbers = choices.flatMap(({ options }, i) =>
    options.length > 2 && options.every((option) => typeof option === 'number') ? [i] : [],
  );
  const sizeOf = (i: number): number => choices[i]?.options.length ?? 1;
  const spread = (indices: readonly number[]): number =>
    indices.reduce((sum, i) => sum + 1 - 1 / sizeOf(i), 0);
  const differing = (2 * CHOICE_WEIGHT) / (spread([...choices.keys()]) || 1);
  const counted = Math.sqrt(COUNT_WEIGHT) / Math.sqrt(spread(groups.flat()) || 1);
  const placeVariance = numbers.reduce((sum, i) => sum + (sizeOf(i) + 1) / (12 * (sizeOf(i) - 1)), 0);
  const placed = 1 / Math.sqrt(placeVariance || 1);
  const starts: number[] = [];
  let options = 0;
  for (const [first = 0] of groups) {
    starts.push(options);
    options += sizeOf(first);
  }
  const timed = Math.sqrt(LATENCY_WEIGHT) / LATENCY_DEVIATION;
  return {
    of(genome, latency) {
      const values = new Float64Array(options + numbers.length + 1);
      for (const [g, group] of groups.entries())
        for (const i of group) {
          const at = (starts[g] as number) + (genome[i] as number);
          values[at] = (values[at] as number) + counted;
        }
      for (const [k, i] of numbers.entries())
        values[options + k] = (placed * (genome[i] as number)) / (sizeOf(i) - 1);
      values[options + numbers.length] = timed * Math.log((latency ?? 1) + LEAST_LATENCY);
      return { genes: Int32Array.from(genome), values };
    },
    squaredDistances(points) {
      const [rows, genes, width] = [points.length, choices.length, points[0]?.values.length ?? 0];
      const allGenes = new Int32Array(rows * genes);
      const allValues = new Float64Array(rows * width);
      for (const [row, point] of points.entries()) {
        allGenes.set(point.genes, row * genes);
        allValues.set(point.values, row * width);
      }
      return (point, count = rows) => {
        const distances = new Float64Array(count);
        for (let row = 0; row < count; row++) {
          let [different, at] = [0, row * genes];
          for (let i = 0; i < genes; i++, at++) if (allGenes[at] !== point.genes[i]) different++;
          let sum = differing * different;
          at = row * width;
          for (let i = 0; i < width; i++, at++) {
            const difference = (allValues[at] as number) - (point.values[i] as number);
            sum += difference * difference;
          }
          distances[row] = sum;
        }
        return distances;
      };
    },
  };
}
