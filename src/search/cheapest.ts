import type { Pause, Rng } from '../core/index.js';
import type { Architecture, Genome, SearchSpace } from '../space/index.js';

/** Random genomes of which the best is gone out from, and how often all choices are gone through at most. */
const STARTS = 8;
const SWEEPS = 6;

/**
 * The cheapest architecture of a space that a descent finds: choice by choice each option is tried, the cheapest kept,
 * until nothing gets cheaper. Cheaper ones may exist. Undefined where no genome could be decoded.
 * @param cost must cost little itself: some hundred architectures are asked for
 */
export async function cheapest(
  space: SearchSpace,
  cost: (architecture: Architecture) => number,
  rng: Rng,
  pause: Pause,
): Promise<Architecture | undefined> {
  const priced = (genome: Genome): Priced => {
    try {
      const architecture = space.decode(genome);
      return { genome, architecture, cost: cost(architecture) };
    } catch {
      return { genome, architecture: undefined, cost: Infinity }; // A user's own space may not decode all.
    }
  };
  let best = priced(space.sample(rng));
  const consider = async (genome: Genome): Promise<void> => {
    const other = priced(genome);
    if (other.cost < best.cost) best = other;
    await pause();
  };
  for (let start = 1; start < STARTS; start++) await consider(space.sample(rng));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const before = best.cost;
    for (const [at, { options }] of space.choices.entries())
      for (const option of options.keys()) await consider(best.genome.with(at, option));
    if (best.cost >= before) break;
  }
  return best.architecture;
}

interface Priced {
  readonly genome: Genome;
  readonly architecture: Architecture | undefined;
  readonly cost: number;
}
