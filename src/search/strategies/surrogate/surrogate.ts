import { createRng, withoutPauses, type Json, type Rng } from '../../../core/index.js';
import type { Genome, SearchSpace } from '../../../space/index.js';
import { crossed, drawWithin, mutated } from '../mutation.js';
import { byMerit, observationOf, type Observation } from '../observation.js';
import { packObservations, unpackObservations } from '../packed.js';
import { badState, savedState } from '../saved-state.js';
import type { LatencyOf, Pending, Proposal, Strategy } from '../strategy.js';
import { featuresOf } from './features.js';
import { fitLinear } from './linear.js';
import { growTrees, meanOf, type TreeSettings } from './tree.js';

export interface SurrogateSettings extends TreeSettings {
  /** Trained trials before the first forest; until then genomes are drawn at random. */
  readonly beginning: number;
  /** Trees of one draw (Thompson sampling: as good a guess as the data allow, another one each time). */
  readonly trees: number;
  /** Of the trials, this number of the best are mutated; this many mutations and random genomes are looked at. */
  readonly parents: number;
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
  parents: 4,
  mutations: 300,
  random: 2000,
  explore: 0.1,
};

/** Random genomes of which the first within the target is taken. */
const DRAWS = 50;
/** Measured latencies that are fitted at most. */
const MOST_TIMED = 400;
/** Candidates that one part looks at. */
const PER_PART = 10;
/** Shares of the children that are crossings, and that have two choices changed. */
const CROSSED = 0.05;
const TWICE = 0.25;

/**
 * A random forest on the choices and their counts. A proposal is the best, by a few trees grown for it alone, of mutations of the
 * best trials and of random genomes, of those that keep the target: by the latency predictor where there is one, else by a linear
 * fit of the latencies measured so far. BANANAS' shape (White et al. 2021, 1910.11858, §4: ensemble, independent Thompson sampling,
 * mutations of the best) with GRAF's predictor (2404.16551). The saved state is the observations.
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space
 */
export function createSurrogate(
  space: SearchSpace,
  settings: SurrogateSettings,
  seed: string,
  saved?: Json,
): Strategy {
  const features = featuresOf(space);
  const observations = restore(space, saved);
  const rows = observations.map(({ genome, latency }) => features.of(genome, latency));
  const packed: string[] = [];
  let pool: Pool | undefined;

  /** Random genomes; others whenever the number of trials has doubled. */
  function* poolOf(): Generator<void, readonly Genome[]> {
    const age = Math.floor(Math.log2(observations.length + 1));
    if (pool?.age === age) return pool.genomes;
    const rng = createRng(seed).fork('pool').fork(age);
    const genomes: Genome[] = [];
    while (genomes.length < settings.random) {
      genomes.push(space.sample(rng));
      if (genomes.length % PER_PART === 0) yield;
    }
    pool = { age, genomes };
    return genomes;
  }

  function* candidatesOf(
    tried: ReadonlySet<string>,
    rng: Rng,
    latencyOf: LatencyOf,
  ): Generator<void, readonly Candidate[]> {
    const best = observations.toSorted(byMerit).slice(0, settings.parents);
    const parent = (): Genome => rng.pick(best).genome;
    const seen = new Set(tried);
    const candidates: Candidate[] = [];
    function* consider(genomes: Iterable<Genome>): Generator<void, void> {
      let looked = 0;
      for (const genome of genomes) {
        if (++looked % PER_PART === 0) yield;
        const key = genome.join();
        if (seen.has(key)) continue;
        seen.add(key);
        const latency = latencyOf(genome)?.median ?? null;
        if ((latency ?? 0) <= 1) candidates.push({ genome, latency });
      }
    }
    const child = (): Genome => {
      const kind = rng.uniform();
      const one = kind < CROSSED ? crossed(parent(), parent(), rng) : mutated(space, parent(), rng);
      return kind > 1 - TWICE ? mutated(space, one, rng) : one;
    };
    yield* consider(yield* poolOf());
    yield* consider(Array.from({ length: settings.mutations }, child));
    return candidates;
  }

  /** By the latest latencies measured; null while they are too few. */
  function* measuredFit(): Generator<void, LatencyOf | null> {
    const timed = observations.filter(({ latency }) => latency !== null).slice(-MOST_TIMED);
    if (timed.length < settings.beginning) return null;
    const fit = yield* fitLinear(
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

  function* proposal(tried: ReadonlySet<string>, rng: Rng, latencyOf: LatencyOf): Generator<void, Genome> {
    const trained = observations.flatMap(({ score }, i) => (score === null ? [] : [i]));
    const random = drawWithin(() => space.sample(rng), latencyOf, DRAWS);
    if (trained.length < settings.beginning || rng.uniform() < settings.explore) return yield* random;
    const candidates = yield* candidatesOf(tried, rng, latencyOf);
    const models = yield* growTrees(
      settings.trees,
      trained.map((i) => rows[i] as Uint8Array),
      Float64Array.from(trained, (i) => observations[i]?.score ?? 0),
      settings,
      rng,
    );
    let best: { readonly genome: Genome; readonly score: number } | undefined;
    for (const [i, { genome, latency }] of candidates.entries()) {
      if (i % PER_PART === PER_PART - 1) yield;
      const score = meanOf(models, features.of(genome, latency));
      if (best === undefined || score > best.score) best = { genome, score };
    }
    return best?.genome ?? (yield* random);
  }

  function* askInParts(
    count: number,
    pending: readonly Pending[],
    rng: Rng,
    latencyOf?: LatencyOf,
  ): Generator<void, readonly Proposal[]> {
    const tried = new Set([...observations, ...pending].map(({ genome }) => genome.join()));
    const [first] = observations;
    const unpredicted = first !== undefined && (latencyOf?.(first.genome) ?? null) === null;
    const measured = unpredicted ? yield* measuredFit() : null;
    const known: LatencyOf = (genome) => latencyOf?.(genome) ?? measured?.(genome) ?? null;
    const proposals: Proposal[] = [];
    for (let i = 0; i < count; i++) {
      const genome = yield* proposal(tried, rng, known);
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
        rows.push(features.of(observation.genome, observation.latency));
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

interface Candidate {
  readonly genome: Genome;
  readonly latency: number | null;
}

interface Pool {
  readonly age: number;
  readonly genomes: readonly Genome[];
}

function restore(space: SearchSpace, saved: Json | undefined): Observation[] {
  const state = savedState(saved, 'surrogate', space);
  if (state === undefined) return [];
  const observations = unpackObservations(state['observations'], space);
  if (observations === undefined) throw badState('the saved observations are not of this space');
  return observations;
}
