import type { Genome, SearchSpace } from '../../space/index.js';
import type { Finished } from './strategy.js';

/** A finished trial as evolution and the surrogate see it. */
export interface Observation {
  readonly genome: Genome;
  /** Accuracy; where none was reported, the reward. Null for one that was not trained. */
  readonly score: number | null;
  /** Latency as a share of its target on the platform where it is worst; null where unknown. */
  readonly latency: number | null;
}

/** What a finished trial teaches; undefined for a stopped or failed one, and for a genome of no such space. */
export function observationOf(space: SearchSpace, finished: Finished): Observation | undefined {
  const { genome, state, reward, accuracy, latencies = [] } = finished;
  if (state === 'failed' || state === 'stopped' || !isGenomeOf(space, genome)) return undefined;
  const latency =
    latencies.length === 0 ? null : Math.max(...latencies.map((one) => one.medianMs / one.targetMs));
  return { genome: [...genome], score: state === 'done' ? (accuracy ?? reward) : null, latency };
}

/** Whether each gene is an option of its choice. */
export function isGenomeOf({ choices }: SearchSpace, genome: Genome): boolean {
  return (
    genome.length === choices.length &&
    choices.every(({ options }, i) => {
      const gene = genome[i] ?? -1;
      return Number.isInteger(gene) && gene >= 0 && gene < options.length;
    })
  );
}

/** Whether it was trained and met its targets, as far as they are known. */
export function isFeasible({ score, latency }: Observation): boolean {
  return score !== null && (latency ?? 0) <= 1;
}

/**
 * Sorts the better observation first: a feasible one before any other, of two feasible ones the one of the higher score, of two
 * others the faster (Deb 2000, "An efficient constraint handling method for genetic algorithms", §3).
 */
export function byMerit(a: Observation, b: Observation): number {
  const [feasible, other] = [isFeasible(a), isFeasible(b)];
  if (feasible !== other) return feasible ? -1 : 1;
  return feasible
    ? (b.score ?? 0) - (a.score ?? 0)
    : (a.latency ?? Number.MAX_VALUE) - (b.latency ?? Number.MAX_VALUE);
}
