import { withoutPauses, type Json, type Rng } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import { mutated } from './mutation.js';
import { byMerit, observationOf, type Observation } from './observation.js';
import { packObservations } from './packed.js';
import { bred, restoredObservations } from './population.js';
import type { LatencyOf, Pending, Proposal, Strategy } from './strategy.js';

export interface EvolutionSettings {
  /** Individuals alive at a time. */
  readonly population: number;
  /** Individuals of which the best becomes the parent. */
  readonly tournament: number;
}

/** Of small budgets: naszilla's settings for NAS-Bench-201 (White et al. 2020, 2005.02960, appendix); the paper has 100 and 25. */
export const EVOLUTION: EvolutionSettings = { population: 30, tournament: 10 };

/**
 * Regularised evolution (Real et al. 2019, 1802.01548, §3.2 and algorithm 1): the population begins at random; a child is the
 * best of a random tournament with one choice changed; the oldest dies. Who is better is Deb's rule, see {@link byMerit}. Children
 * and beginners are drawn within the target as far as it can be predicted. The saved state is the population.
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space
 */
export function createEvolution(space: SearchSpace, settings: EvolutionSettings, saved?: Json): Strategy {
  let population: readonly Observation[] = restoredObservations(saved, 'evolution', space, 'population');

  function* askInParts(
    count: number,
    pending: readonly Pending[],
    rng: Rng,
    latencyOf?: LatencyOf,
  ): Generator<void, readonly Proposal[]> {
    const parent = (): Genome => {
      const tournament = Array.from({ length: settings.tournament }, () => rng.pick(population));
      return tournament.reduce((best, one) => (byMerit(one, best) < 0 ? one : best)).genome;
    };
    const child = (): Genome => mutated(space, parent(), rng);
    const breeding = { space, alive: population.length, size: settings.population, child };
    return yield* bred(breeding, count, pending, rng, latencyOf);
  }

  return {
    name: 'evolution',
    ask: (...about) => withoutPauses(askInParts(...about)),
    askInParts,
    tell(finished) {
      const born = finished.flatMap((one) => observationOf(space, one) ?? []);
      population = [...population, ...born].slice(-settings.population);
    },
    save: () => ({
      strategy: 'evolution',
      version: 1,
      space: space.digest,
      population: packObservations(population),
    }),
  };
}
