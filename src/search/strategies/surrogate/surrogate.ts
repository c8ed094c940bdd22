import { withoutPauses, type Json, type Rng } from '../../../core/index.js';
import type { Genome, SearchSpace } from '../../../space/index.js';
import { crossed, mutated } from '../mutation.js';
import { byMerit, isGenomeOf, observationOf } from '../observation.js';
import { packObservations } from '../packed.js';
import { restoredObservations } from '../population.js';
import { badState, savedState } from '../saved-state.js';
import type { LatencyOf, Pending, Proposal, Strategy } from '../strategy.js';
import { bestOf, type Candidate } from './acquisition.js';
import { beginning } from './beginning.js';
import { fitLinear } from './linear.js';
import { estimatesOf } from './estimates.js';
import { createModels, isTrained, type Model, type Untrained } from './model.js';

export interface SurrogateSettings {
  /** Trained trials before the first model; until then large networks within the target are drawn. */
  readonly beginning: number;
  /** Of the trials, this number of the best are mutated; this many mutations and random genomes are looked at. */
  readonly parents: number;
  readonly mutations: number;
  readonly random: number;
  /** Of what was looked at, this number of the most promising are mutated again, each `neighbours` times, in `rounds` rounds at most. */
  readonly climbing: number;
  readonly neighbours: number;
  readonly rounds: number;
}

export const SURROGATE: SurrogateSettings = {
  beginning: 10,
  parents: 8,
  mutations: 300,
  random: 500,
  climbing: 8,
  neighbours: 10,
  rounds: 6,
};

/** Measured latencies that are fitted at most. */
const MOST_TIMED = 400;
/** Candidates that one part looks at. */
const PER_PART = 10;
/** Rounds before the first that brought nothing is the last. */
const LEAST_ROUNDS = 2;
/** Shares of the children that are crossings, and that have two choices changed. */
const CROSSED = 0.05;
const TWICE = 0.25;

/**
 * A Gaussian process on the choices, their counts and the latency. A proposal is the one of the greatest expected improvement among
 * mutations of the best trials, random genomes, and mutations of the most promising of both, of those that keep the target: by the
 * latency predictor where there is one, else by a linear fit of the latencies measured so far. While too little is known for a
 * process, proposals lie near the networks that the search was given (see `beginning`). The saved state is the observations.
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space
 */
export function createSurrogate(space: SearchSpace, settings: SurrogateSettings, saved?: Json): Strategy {
  const observations = restoredObservations(saved, 'surrogate', space, 'observations');
  const models = createModels(space);
  const packed: string[] = [];
  const given: Genome[] = restoredGenomes(saved, space);
  const knowsEnough = (): boolean => observations.filter(isTrained).length >= Math.max(2, settings.beginning);

  /** The networks that the search was given, the best first. */
  function bestGiven(): readonly Genome[] {
    if (given.length < 2) return given;
    const keys = new Set(given.map((genome) => genome.join()));
    return observations
      .filter(({ genome }) => keys.has(genome.join()))
      .sort(byMerit)
      .map(({ genome }) => genome);
  }

  /** Genomes that were not tried yet and are within the target; each only once. */
  function* within(
    genomes: Iterable<Genome>,
    seen: Set<string>,
    latencyOf: LatencyOf,
  ): Generator<void, readonly Untrained[]> {
    const candidates: Untrained[] = [];
    let looked = 0;
    for (const genome of genomes) {
      if (++looked % PER_PART === 0) yield;
      const key = genome.join();
      if (seen.has(key)) continue;
      seen.add(key);
      const latency = latencyOf(genome)?.median ?? null;
      if ((latency ?? 0) <= 1) candidates.push({ genome, latency });
    }
    return candidates;
  }

  function* mostPromising(
    model: Model,
    tried: ReadonlySet<string>,
    rng: Rng,
    latencyOf: LatencyOf,
  ): Generator<void, Candidate | undefined> {
    const parents = observations.toSorted(byMerit).slice(0, settings.parents);
    const parent = (): Genome => rng.pick(parents).genome;
    const child = (): Genome => {
      const kind = rng.uniform();
      const one = kind < CROSSED ? crossed(parent(), parent(), rng) : mutated(space, parent(), rng);
      return kind > 1 - TWICE ? mutated(space, one, rng) : one;
    };
    const seen = new Set(tried);
    function* drawn(): Generator<Genome> {
      for (let i = 0; i < settings.random; i++) yield space.sample(rng);
      for (let i = 0; i < settings.mutations; i++) yield child();
    }
    let best = yield* bestOf(model, yield* within(drawn(), seen, latencyOf), settings.climbing);
    for (let round = 0; round < settings.rounds; round++) {
      const neighbours = best.flatMap(({ genome }) =>
        Array.from({ length: settings.neighbours }, () => changed(space, genome, rng)),
      );
      const better = yield* bestOf(model, yield* within(neighbours, seen, latencyOf), settings.climbing);
      const improved = (better[0]?.improvement ?? 0) > (best[0]?.improvement ?? 0);
      best = [...best, ...better].sort((a, b) => b.improvement - a.improvement).slice(0, settings.climbing);
      if (!improved && round >= LEAST_ROUNDS) break;
    }
    return best[0];
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
    const untrained = (genome: Genome): Untrained => ({ genome, latency: known(genome)?.median ?? null });
    const waiting = pending.map(({ genome }) => untrained(genome));
    const proposals: Proposal[] = [];
    while (proposals.length < count) {
      const promising = knowsEnough()
        ? yield* mostPromising(yield* models.of(observations, waiting), tried, rng, known)
        : undefined;
      const genome = promising?.genome ?? (yield* beginning(space, rng, known, bestGiven()));
      tried.add(genome.join());
      waiting.push(untrained(genome));
      proposals.push({ genome, note: null });
    }
    return proposals;
  }

  return {
    name: 'surrogate',
    ask: (...about) => withoutPauses(askInParts(...about)),
    askInParts,
    tell(finished) {
      observations.push(...finished.flatMap((one) => observationOf(space, one) ?? []));
      // Its own proposals have no note: what has one is a candidate that the search was given.
      for (const { genome, note, state } of finished)
        if (note !== null && state === 'done' && isGenomeOf(space, genome)) given.push([...genome]);
    },
    estimates(genomes) {
      if (!knowsEnough()) return null;
      return estimatesOf(withoutPauses(models.of(observations, [])), genomes);
    },
    save: () => ({
      strategy: 'surrogate',
      version: 1,
      space: space.digest,
      observations: packObservations(observations, packed),
      ...(given.length > 0 ? { given: given.map((genome) => [...genome]) } : {}),
    }),
  };
}

/** The genomes of the networks that the search was given; states of earlier versions have none. */
function restoredGenomes(saved: Json | undefined, space: SearchSpace): Genome[] {
  const genomes = savedState(saved, 'surrogate', space)?.['given'] ?? [];
  if (
    Array.isArray(genomes) &&
    genomes.every((one) => Array.isArray(one) && isGenomeOf(space, one as number[]))
  )
    return genomes as number[][];
  throw badState('the saved genomes are not of this space');
}

/** One choice changed, or two: a choice that takes longer needs another that takes less. */
function changed(space: SearchSpace, genome: Genome, rng: Rng): Genome {
  const one = mutated(space, genome, rng);
  return rng.uniform() < 0.5 ? mutated(space, one, rng) : one;
}
