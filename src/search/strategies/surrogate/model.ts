import type { Genome, SearchSpace } from '../../../space/index.js';
import { byMerit, isFeasible, type Observation } from '../observation.js';
import { featuresOf, type Features, type Point } from './features.js';
import {
  distancesOf,
  mostLikelyKernel,
  posteriorOf,
  type Kernel,
  type Posterior,
} from './gaussian-process.js';
import { normalScores } from './normal.js';

/** What the trials say of networks; scores are normal scores of the accuracies. */
export interface Model {
  readonly features: Features;
  /** The trained networks that it was made of, and their scores. */
  readonly rows: readonly Observation[];
  readonly scores: Float64Array;
  readonly posterior: Posterior;
  /** Greatest mean of the trained networks within their target; of all trained ones where none is. */
  readonly best: number;
}

/** Trained networks that a posterior is made of at most: half the best, half the latest of the others. */
const MOST_ROWS = 150;
/** Of these the kernel is chosen; again whenever that number more has been trained. */
const MOST_FOR_KERNEL = 100;
const KERNEL_EVERY = 10;

/** A genome being tried, with its latency as a share of its target; null where unknown. */
export interface Untrained {
  readonly genome: Genome;
  readonly latency: number | null;
}

/**
 * Models of growing observations: a Gaussian process on the normal scores of what was trained. It is the same for equal
 * observations, however it came to them.
 */
export function createModels(space: SearchSpace) {
  const features = featuresOf(space);
  let chosen: { readonly count: number; readonly kernel: Kernel } | undefined;

  function* kernelOf(trained: readonly Observation[]): Generator<void, Kernel> {
    const count = trained.length - (trained.length % KERNEL_EVERY);
    if (chosen?.count === count) return chosen.kernel;
    const rows = trained.slice(0, Math.max(count, 2)).slice(-MOST_FOR_KERNEL);
    const distances = yield* distancesOf(features, pointsOf(features, rows));
    const kernel = yield* mostLikelyKernel(distances, scoresOf(rows));
    chosen = { count, kernel };
    return kernel;
  }

  return {
    /**
     * @param observations of which at least two were trained
     * @param pending being trained: taken to become what is expected of them, so that others are proposed
     */
    *of(observations: readonly Observation[], pending: readonly Untrained[]): Generator<void, Model> {
      const trained = observations.filter(isTrained);
      const kernel = yield* kernelOf(trained);
      const rows = chosenRows(trained);
      const points = pointsOf(features, rows);
      const scores = scoresOf(rows);
      const between = yield* distancesOf(features, points);
      const posterior = yield* posteriorOf(features, points, between, scores, kernel);
      const means = [...posterior.means];
      const feasible = means.filter((_, i) => isFeasible(rows[i] as Observation));
      const best = Math.max(...(feasible.length === 0 ? means : feasible));
      const about = { features, rows, scores, best };
      if (pending.length === 0) return { ...about, posterior };
      const waiting = pending.map(({ genome, latency }) => features.of(genome, latency));
      const expected = waiting.map((point) => posterior.mean(posterior.similarity(point)));
      const all = [...points, ...waiting];
      const distances = yield* distancesOf(features, all);
      const values = Float64Array.from([...scores, ...expected]);
      return { ...about, posterior: yield* posteriorOf(features, all, distances, values, kernel) };
    },
  };
}

export function isTrained({ score }: Observation): boolean {
  return score !== null;
}

function chosenRows(trained: readonly Observation[]): readonly Observation[] {
  if (trained.length <= MOST_ROWS) return trained;
  const best = new Set(trained.toSorted(byMerit).slice(0, MOST_ROWS / 2));
  return [...best, ...trained.filter((one) => !best.has(one)).slice(-MOST_ROWS / 2)];
}

function pointsOf(features: Features, rows: readonly Observation[]): readonly Point[] {
  return rows.map(({ genome, latency }) => features.of(genome, latency));
}

function scoresOf(rows: readonly Observation[]): Float64Array {
  return normalScores(rows.map(({ score }) => score ?? 0));
}
