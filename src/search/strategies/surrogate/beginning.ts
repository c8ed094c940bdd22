import type { Rng } from '../../../core/index.js';
import { maddsOf, type Genome, type SearchSpace } from '../../../space/index.js';
import { drawWithin, mutated } from '../mutation.js';
import type { LatencyOf } from '../strategy.js';

/** Random genomes that one proposal is chosen from. */
const DRAWS = 50;
/** Share of proposals that are the first within the target, so that the model sees more than large networks. */
const PLAIN = 0.4;
/** Share that are made from the networks that the search was given; the others spread over the space. */
const NEAR = 0.6;
/** Choices changed in those at most. */
const MOST_CHANGED = 3;

/**
 * A proposal while too few networks were trained for a model: of random genomes, or of mutations of networks that the search
 * was given to begin with, those predicted within the target, and of these the one of the most multiply-adds, since at the same
 * latency the network that computes more is more accurate (MoGA, 1908.01314, §4); or just the first of them. Where nothing is
 * predicted, a random genome.
 * @param given genomes of the networks that the search began with, the best first; none where it began with nothing
 */
export function* beginning(
  space: SearchSpace,
  rng: Rng,
  latencyOf: LatencyOf,
  given: readonly Genome[] = [],
): Generator<void, Genome> {
  const isNear = given.length > 0 && rng.uniform() < NEAR;
  const near = (): Genome => {
    // Of two draws the better one: the first is the likeliest parent, the last is never left out.
    let genome = given[Math.min(rng.integer(given.length), rng.integer(given.length))] ?? [];
    for (let changes = 1 + rng.integer(MOST_CHANGED); changes > 0; changes--)
      genome = mutated(space, genome, rng);
    return genome;
  };
  const drawn = Array.from({ length: DRAWS }, () => (isNear ? near() : space.sample(rng)));
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
