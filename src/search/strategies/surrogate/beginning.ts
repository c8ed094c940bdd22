import type { Rng } from '../../../core/index.js';
import { maddsOf, type Genome, type SearchSpace } from '../../../space/index.js';
import { drawWithin } from '../mutation.js';
import type { LatencyOf } from '../strategy.js';

/** Random genomes that one proposal is chosen from. */
const DRAWS = 50;
/** Share of proposals that are the first within the target, so that the model sees more than large networks. */
const PLAIN = 0.4;

/**
 * A proposal while too few networks were trained for a model: of random genomes that are predicted within the target the one
 * of the most multiply-adds, since at the same latency the network that computes more is more accurate (MoGA, 1908.01314,
 * §4); or just the first of them. Where nothing is predicted, a random genome.
 */
export function* beginning(space: SearchSpace, rng: Rng, latencyOf: LatencyOf): Generator<void, Genome> {
  const drawn = Array.from({ length: DRAWS }, () => space.sample(rng));
  const within: Genome[] = [];
  for (const [i, genome] of drawn.entries()) {
    const latency = latencyOf(genome);
    if (latency === null) break;
    if (latency.median <= 1) within.push(genome);
    if (i % 8 === 7) yield;
  }
  const [first] = within;
  if (first !== undefined) return rng.uniform() < PLAIN ? first : largest(space, within, first);
  const again = [...drawn];
  return yield* drawWithin(() => again.shift() ?? space.sample(rng), latencyOf, DRAWS);
}

function largest(space: SearchSpace, genomes: readonly Genome[], first: Genome): Genome {
  let [best, most] = [first, 0];
  for (const genome of genomes) {
    const madds = maddsIn(space, genome);
    if (madds > most) [best, most] = [genome, madds];
  }
  return best;
}

/** 0 for a genome that stands for no network. */
function maddsIn(space: SearchSpace, genome: Genome): number {
  try {
    return maddsOf(space.decode(genome));
  } catch {
    return 0;
  }
}
