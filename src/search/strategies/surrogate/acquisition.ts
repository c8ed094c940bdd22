import type { Genome } from '../../../space/index.js';
import type { Model, Untrained } from './model.js';
import { expectedImprovement } from './normal.js';

/** A network that may be proposed, and by how much it is expected to improve on the best. */
export interface Candidate {
  readonly genome: Genome;
  readonly improvement: number;
}

/** Candidates that one part looks at. */
const PER_PART = 10;
/** Multiplications that all deviations of one call may cost; those of the greatest means come first. */
const MOST_WORK = 1e7;

/** The candidates of the greatest expected improvement (Jones et al. 1998), the best first. */
export function* bestOf(
  { features, posterior, best }: Model,
  candidates: readonly Untrained[],
  count: number,
): Generator<void, readonly Candidate[]> {
  const rated: { readonly genome: Genome; readonly similarity: Float64Array; readonly mean: number }[] = [];
  for (const [i, { genome, latency }] of candidates.entries()) {
    if (i % PER_PART === PER_PART - 1) yield;
    const similarity = posterior.similarity(features.of(genome, latency));
    rated.push({ genome, similarity, mean: posterior.mean(similarity) });
  }
  const affordable = Math.ceil(MOST_WORK / posterior.points.length ** 2);
  const improving: Candidate[] = [];
  const keepBest = (): void => {
    improving.sort((a, b) => b.improvement - a.improvement).splice(count);
  };
  let least = 0;
  for (const [i, { genome, similarity, mean }] of rated.sort((a, b) => b.mean - a.mean).entries()) {
    if (i % PER_PART === PER_PART - 1) {
      yield;
      keepBest();
      least = improving[count - 1]?.improvement ?? 0;
    }
    // No later one improves by more than this, however uncertain it is.
    const most = expectedImprovement(mean, posterior.mostDeviation, best);
    if (i >= affordable || most < least) break;
    const improvement = expectedImprovement(mean, posterior.deviation(similarity), best);
    improving.push({ genome, improvement });
  }
  keepBest();
  return improving;
}
