import { withoutPauses, type Json, type Rng } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import { crossed, mutated } from './mutation.js';
import { isFeasible, observationOf, type Observation } from './observation.js';
import { packObservations } from './packed.js';
import { bred, restoredObservations } from './population.js';
import type { LatencyOf, Pending, Proposal, Strategy } from './strategy.js';

export interface Nsga2Settings {
  /** Individuals alive at a time. */
  readonly population: number;
  /** Share of the children that have two parents before one choice is changed. */
  readonly crossed: number;
}

export const NSGA2: Nsga2Settings = { population: 30, crossed: 0.9 };

/** An observation with the number of its front and its distance from its neighbours there. */
interface Ranked {
  readonly one: Observation;
  readonly front: number;
  readonly distance: number;
}

/**
 * NSGA-II (Deb et al. 2002, §III) on accuracy and latency, one child at a time: the population begins at random; a child has two
 * parents, each the better of two drawn, and one choice changed; after each trial the population is what is best of it and the
 * newcomer. Better is the nearer front, then the greater distance from its neighbours; what is not within its target is worse than
 * all that is, the slower the worse (§VI). The saved state is the population.
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space
 */
export function createNsga2(space: SearchSpace, settings: Nsga2Settings, saved?: Json): Strategy {
  let population: readonly Observation[] = restoredObservations(saved, 'nsga2', space, 'population');

  function* askInParts(
    count: number,
    pending: readonly Pending[],
    rng: Rng,
    latencyOf?: LatencyOf,
  ): Generator<void, readonly Proposal[]> {
    const ranked = rank(population);
    const parent = (): Genome => {
      const [a, b] = [rng.pick(ranked), rng.pick(ranked)];
      return (better(a, b) <= 0 ? a : b).one.genome;
    };
    const child = (): Genome => {
      const one = rng.uniform() < settings.crossed ? crossed(parent(), parent(), rng) : parent();
      return mutated(space, one, rng);
    };
    const breeding = { space, alive: population.length, size: settings.population, child };
    return yield* bred(breeding, count, pending, rng, latencyOf);
  }

  return {
    name: 'nsga2',
    ask: (...about) => withoutPauses(askInParts(...about)),
    askInParts,
    tell(finished) {
      const born = finished.flatMap((one) => observationOf(space, one) ?? []);
      for (const one of born) {
        const ranked = rank([...population, one]).sort(better);
        population = ranked.slice(0, settings.population).map((kept) => kept.one);
      }
    },
    save: () => ({
      strategy: 'nsga2',
      version: 1,
      space: space.digest,
      population: packObservations(population),
    }),
  };
}

/** Sorts the better one first. */
function better(a: Ranked, b: Ranked): number {
  // Both may be infinite: their difference would be no number.
  return a.front - b.front || (a.distance === b.distance ? 0 : b.distance - a.distance);
}

/** Fronts from the best one on, counted from 0; those that are not within their target follow, the fastest first. */
function rank(population: readonly Observation[]): Ranked[] {
  const ranked: Ranked[] = [];
  let left = population.filter(isFeasible);
  let front = 0;
  for (; left.length > 0; front++) {
    const best = left.filter((one) => !left.some((other) => dominates(other, one)));
    const distances = distancesIn(best);
    for (const [i, one] of best.entries()) ranked.push({ one, front, distance: distances[i] ?? 0 });
    const taken = new Set(best);
    left = left.filter((one) => !taken.has(one));
  }
  const others = population
    .filter((one) => !isFeasible(one))
    .sort((a, b) => latencyOfOne(a) - latencyOfOne(b));
  for (const [i, one] of others.entries()) ranked.push({ one, front: front + i, distance: 0 });
  return ranked;
}

function dominates(a: Observation, b: Observation): boolean {
  const [more, faster] = [(a.score ?? 0) - (b.score ?? 0), latencyOfOne(b) - latencyOfOne(a)];
  return more >= 0 && faster >= 0 && (more > 0 || faster > 0);
}

/** Sum over both objectives of how far apart its two neighbours are, as a share of the front's extent; infinite at its ends. */
function distancesIn(front: readonly Observation[]): readonly number[] {
  const distances = front.map(() => 0);
  for (const of of [(one: Observation) => one.score ?? 0, latencyOfOne]) {
    const order = [...front.keys()].sort((a, b) => valueAt(a) - valueAt(b));
    function valueAt(i: number): number {
      return of(front[i] as Observation);
    }
    const extent = valueAt(order.at(-1) ?? 0) - valueAt(order[0] ?? 0);
    for (const [at, i] of order.entries()) {
      const [before, after] = [order[at - 1], order[at + 1]];
      const ends = before === undefined || after === undefined;
      const share = ends ? Infinity : extent > 0 ? (valueAt(after) - valueAt(before)) / extent : 0;
      distances[i] = (distances[i] ?? 0) + share;
    }
  }
  return distances;
}

/** As a share of the target; 0 where unknown, so that it does not matter. */
function latencyOfOne({ latency }: Observation): number {
  return latency ?? 0;
}
