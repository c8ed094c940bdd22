import { quantile, withoutPauses, type Json, type JsonObject, type Rng } from '../../../core/index.js';
import type { Genome, SearchSpace } from '../../../space/index.js';
import { badState } from '../bad-state.js';
import { crossed, drawWithin, mutated } from '../mutation.js';
import { byMerit, observationOf, type Observation } from '../observation.js';
import { packObservations, unpackObservations } from '../packed.js';
import type { LatencyOf, Pending, Proposal, Strategy } from '../strategy.js';
import { featuresOf } from './features.js';
import { fitLinear } from './linear.js';
import { growTrees, meanOf, type TreeSettings } from './tree.js';

export interface SurrogateSettings extends TreeSettings {
  /** Trained trials before the first forest; until then genomes are drawn at random. */
  readonly beginning: number;
  /** Trees of one draw (Thompson sampling: as good a guess as the data allow, another one each time). */
  readonly trees: number;
  /** Of the trials, the best so many are mutated; so many mutations and random genomes are looked at. */
  readonly parents: number;
  /** Scores below this quantile count as it: of the worst, the forest need not know how bad they are. */
  readonly flat: number;
  readonly mutations: number;
  readonly random: number;
  /** Share of proposals that are drawn at random, so that what the forest is wrong about is met. */
  readonly explore: number;
}

export const SURROGATE: SurrogateSettings = {
  beginning: 10,
  trees: 5,
  featureShare: 0.4,
  leaf: 1,
  parents: 8,
  flat: 0,
  mutations: 300,
  random: 100,
  explore: 0.1,
};

/** Random genomes of which the first within the target is taken. */
const DRAWS = 50;
/** Candidates that one part looks at. */
const PER_PART = 100;

/**
 * A random forest on the choices and their counts. A proposal is the best, by a few trees grown for it alone, of mutations of the
 * best trials and of random genomes, of those that keep the target: by the latency predictor where there is one, else by a linear
 * fit of the latencies measured so far. BANANAS' shape (White et al. 2021, 1910.11858, §4: ensemble, independent Thompson sampling,
 * mutations of the best) with GRAF's predictor (2404.16551). The saved state is the observations.
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space
 */
export function createSurrogate(space: SearchSpace, settings: SurrogateSettings, saved?: Json): Strategy {
  const features = featuresOf(space);
  const observations = restore(space, saved);
  const rows = observations.map(({ genome }) => features.of(genome));
  const packed: string[] = [];

  function* candidatesOf(tried: ReadonlySet<string>, rng: Rng): Generator<void, readonly Genome[]> {
    const best = observations.toSorted(byMerit).slice(0, settings.parents);
    const parent = (): Genome => rng.pick(best).genome;
    const seen = new Set(tried);
    const genomes: Genome[] = [];
    for (let i = 0; i < settings.mutations + settings.random; i++) {
      const kind = rng.uniform();
      let genome = i < settings.mutations ? parent() : space.sample(rng);
      if (i < settings.mutations) {
        if (kind < 0.05) genome = crossed(genome, parent(), rng);
        else genome = mutated(space, genome, rng);
        if (kind > 0.75) genome = mutated(space, genome, rng);
      }
      const key = genome.join();
      if (!seen.has(key)) genomes.push(genome);
      seen.add(key);
      if (i % PER_PART === PER_PART - 1) yield;
    }
    return genomes;
  }

  /** By the latencies measured so far; null while they are too few. */
  function measuredFit(): LatencyOf | null {
    const timed = observations.filter(({ latency }) => latency !== null);
    if (timed.length < settings.beginning) return null;
    const fit = fitLinear(
      space,
      timed.map(({ genome }) => genome),
      timed.map(({ latency }) => Math.log(Math.max(latency ?? 1, 1e-9))),
    );
    return (genome) => {
      const of = fit.of(genome);
      return {
        median: Math.exp(of),
        low: Math.exp(of - 2 * fit.error),
        high: Math.exp(of + 2 * fit.error),
      };
    };
  }

  function* proposal(
    tried: ReadonlySet<string>,
    rng: Rng,
    latencyOf: LatencyOf | undefined,
    measured: LatencyOf | null,
  ): Generator<void, Genome> {
    const within: LatencyOf = (genome) => latencyOf?.(genome) ?? measured?.(genome) ?? null;
    const trained = observations.flatMap(({ score }, i) => (score === null ? [] : [i]));
    if (trained.length < settings.beginning || rng.uniform() < settings.explore)
      return yield* drawWithin(() => space.sample(rng), within, DRAWS);
    const candidates = yield* candidatesOf(tried, rng);
    const models = yield* growTrees(
      settings.trees,
      trained.map((i) => rows[i] as Uint8Array),
      flattened(
        trained.map((i) => observations[i]?.score ?? 0),
        settings.flat,
      ),
      settings,
      rng,
    );
    const scored = candidates.map((genome) => ({ genome, score: meanOf(models, features.of(genome)) }));
    scored.sort((a, b) => b.score - a.score);
    const queue = scored.map(({ genome }) => genome).values();
    return yield* drawWithin(() => queue.next().value ?? space.sample(rng), within, candidates.length);
  }

  function* askInParts(
    count: number,
    pending: readonly Pending[],
    rng: Rng,
    latencyOf?: LatencyOf,
  ): Generator<void, readonly Proposal[]> {
    const tried = new Set([...observations, ...pending].map(({ genome }) => genome.join()));
    const measured = measuredFit();
    const proposals: Proposal[] = [];
    for (let i = 0; i < count; i++) {
      const genome = yield* proposal(tried, rng, latencyOf, measured);
      tried.add(genome.join());
      proposals.push({ genome, note: null });
    }
    return proposals;
  }

  return {
    name: 'surrogate',
    ask: (...about) => withoutPauses(askInParts(...about)),
    askInParts,
    tell(finished) {
      for (const one of finished) {
        const observation = observationOf(space, one);
        if (observation === undefined) continue;
        observations.push(observation);
        rows.push(features.of(observation.genome));
      }
    },
    save: () => ({
      strategy: 'surrogate',
      version: 1,
      space: space.digest,
      observations: packObservations(observations, packed),
    }),
  };
}

function flattened(scores: readonly number[], share: number): Float64Array {
  const least = quantile(scores, share);
  return Float64Array.from(scores, (score) => Math.max(score, least));
}

function restore(space: SearchSpace, saved: Json | undefined): Observation[] {
  if (saved === undefined || saved === null) return [];
  const state = saved as JsonObject;
  if (state['strategy'] !== 'surrogate' || state['version'] !== 1)
    throw badState('the saved state is not one of surrogate, version 1');
  if (state['space'] !== space.digest) throw badState('the saved state is of another search space');
  const observations = unpackObservations(state['observations'], space);
  if (observations === undefined) throw badState('the saved observations are not of this space');
  return observations;
}
