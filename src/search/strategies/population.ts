import type { Json, Rng } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import { drawWithin } from './mutation.js';
import type { Observation } from './observation.js';
import { unpackObservations } from './packed.js';
import { badState, savedState } from './saved-state.js';
import type { LatencyOf, Pending, Proposal } from './strategy.js';

/** Children, or beginners, of which the first within the target is taken. */
const DRAWS = 50;

export interface Breeding {
  readonly space: SearchSpace;
  /** Individuals alive now, and when the population is full. */
  readonly alive: number;
  readonly size: number;
  /** A child of those alive; not called while there are none. */
  readonly child: () => Genome;
}

/** Random genomes until the population is full, with those that are being tried; then children. */
export function* bred(
  { space, alive, size, child }: Breeding,
  count: number,
  pending: readonly Pending[],
  rng: Rng,
  latencyOf?: LatencyOf,
): Generator<void, readonly Proposal[]> {
  const proposals: Proposal[] = [];
  while (proposals.length < count) {
    const begins = alive === 0 || alive + pending.length + proposals.length < size;
    const draw = (): Genome => (begins ? space.sample(rng) : child());
    proposals.push({ genome: yield* drawWithin(draw, latencyOf, DRAWS), note: null });
  }
  return proposals;
}

const WRONG = {
  population: 'the saved population is not one of this space',
  observations: 'the saved observations are not of this space',
} as const;

/**
 * The observations in a strategy's saved state, under `key`; none where nothing was saved.
 * @throws NasError `NAS_STRATEGY_STATE` when they are not of this strategy and space
 */
export function restoredObservations(
  saved: Json | undefined,
  strategy: string,
  space: SearchSpace,
  key: keyof typeof WRONG,
): Observation[] {
  const state = savedState(saved, strategy, space);
  if (state === undefined) return [];
  const observations = unpackObservations(state[key], space);
  if (observations === undefined) throw badState(WRONG[key]);
  return observations;
}
