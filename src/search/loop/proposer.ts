import { createRng, type Pause, type Rng } from '../../core/index.js';
import type { Costs, Genome, SearchSpace } from '../../space/index.js';
import type { NewTrial, TrialRow } from '../../trials/index.js';
import { countDecodable, networksOf } from './networks.js';
import type { LatencyOf, Pending, Proposal, RelativeLatency, Strategy } from '../strategies/strategy.js';
import type { LatencyGate } from './latency-gate.js';
import { askOf, teach } from './teach.js';
import { decoded } from './undecodable.js';

/** How often the strategy is asked again when it only repeats itself, and how many uniform samples follow then. */
const ASKED_AGAIN = 30;
/** Predictions are kept for this number of finished trials: a strategy asks for the same ones each time, a predictor learns slowly. */
const PREDICTED_AGAIN = 10;
/** How often it is asked again when the latency gate refuses what it proposes. */
const REFUSED_AGAIN = 60;
const UNIFORM_TRIES = 200;

/** A finished trial's part that a repeated proposal is answered with. */
export type Known = Pick<TrialRow, 'trial' | 'state' | 'reward'>;

/** Why no new architecture was found. */
export interface Exhausted {
  /** Architectures of a space small enough to go through, all of them tried; null for a larger one. */
  readonly networks: number | null;
  /** Proposals since the last new one, the strategy's and uniform samples; none of them was new. */
  readonly proposals: number;
}

export interface Proposed {
  /** Neither known nor pending, ready to be begun; fewer than asked for where no more were found. */
  readonly fresh: readonly NewTrial[];
  /** What was tried where none was found. */
  readonly exhausted: Exhausted;
}

export interface Proposer {
  /**
   * Up to `count` candidates: the strategy's; where it only repeats itself uniform samples; where all were refused the one the
   * least over the limit; then, in a small space, those not tried yet.
   * @param next id of the first of them
   * @param stopped true ends the asking with what is found by then
   */
  propose(
    count: number,
    next: number,
    pending: readonly Pending[],
    stopped: () => boolean,
  ): Promise<Proposed>;
  /** From now on proposals of this architecture are answered from memory. */
  learn(text: string, known: Known): void;
}

export interface ProposerOptions {
  readonly space: SearchSpace;
  readonly strategy: Strategy;
  /** Absent: no proposal is refused. */
  readonly latencyGate?: Pick<LatencyGate, 'relative' | 'refuses'>;
  readonly seed: string;
  readonly onRepeat: (trial: number) => void;
  readonly pause: Pause;
}

/**
 * Asks the strategy until it has something new that the latency gate lets through. The stream of the k-th asking for trial n
 * depends on n and k only, so a resumed search asks the same. A refused proposal costs no trial and teaches nothing, unless
 * the strategy wants it; where all are refused, the one the least over the limit is given for all that. A repeated proposal is
 * reported, with the old reward, to a strategy that learns from repeats; one that is pending at the time teaches nothing.
 */
export function createProposer(options: ProposerOptions): Proposer {
  const { space, strategy, latencyGate, seed, onRepeat, pause } = options;
  const known = new Map<string, Known>();
  const root = createRng(seed).fork('ask');
  const predicted = new Map<string, RelativeLatency | null>();
  let learnt = 0;
  const latencyOf: LatencyOf = (genome) => {
    const key = genome.join();
    let latency = predicted.get(key);
    if (latency === undefined) {
      latency = latencyGate?.relative(decoded(space, genome).text) ?? null;
      predicted.set(key, latency);
    }
    return latency;
  };
  let networks: ReadonlyMap<string, Genome> | null | undefined;
  return {
    learn(text, what) {
      known.set(text, what);
      if (++learnt % PREDICTED_AGAIN === 0) predicted.clear();
    },
    async propose(count, next, pending, stopped) {
      const fresh: NewTrial[] = [];
      const taken = new Set(pending.map((one) => decoded(space, one.genome).text));
      let proposals = 0;
      let refused: Refused | undefined;
      const beingTried = (): readonly Pending[] => [
        ...pending,
        ...fresh.map((one, i) => ({ trial: next + i, genome: one.genome ?? [], note: one.note })),
      ];
      const take = async (proposal: Proposal, whatever = false): Promise<'taken' | 'refused' | 'repeat'> => {
        proposals++;
        const { counts, text } = decoded(space, proposal.genome);
        const old = known.get(text);
        if (old !== undefined) {
          onRepeat(old.trial);
          const { trial, reward, state } = old;
          if (strategy.learnsFromRepeats === true && reward !== null && state !== 'running')
            await teach(strategy, [{ ...proposal, trial, reward, state }], pause);
          return 'repeat';
        }
        if (taken.has(text)) return 'repeat';
        if (!whatever && strategy.learnsFromRefused !== true) {
          const latency = latencyGate?.relative(text) ?? null;
          if (latency !== null && latencyGate?.refuses(latency) === true) {
            if (refused === undefined || latency.low < refused.low) refused = { proposal, low: latency.low };
            return 'refused';
          }
        }
        taken.add(text);
        fresh.push(newTrial(proposal, counts, text, trialSeed(seed, next + fresh.length)));
        return 'taken';
      };
      const wanted = (): boolean => fresh.length < count && !stopped();

      let [repeats, refusals] = [0, 0];
      for (let again = 0; wanted() && repeats <= ASKED_AGAIN && refusals <= REFUSED_AGAIN; again++) {
        const rng = root.fork(next).fork(again);
        const ends: string[] = [];
        const about = [count - fresh.length, beingTried(), rng, latencyGate && latencyOf] as const;
        const asked = await askOf(strategy, [...about], pause);
        if (asked.length === 0) return { fresh, exhausted: { networks: null, proposals } };
        for (const proposal of asked) ends.push(await take(proposal));
        if (ends.includes('refused')) refusals++;
        else repeats++;
        await pause();
      }
      const uniform = refused === undefined ? UNIFORM_TRIES : 0;
      const rng: Rng = root.fork(next).fork('uniform');
      for (let tries = 0; wanted() && tries < uniform; tries++) {
        const proposal = { genome: space.sample(rng), note: null };
        if (known.has(decoded(space, proposal.genome).text)) proposals++;
        else await take(proposal);
        await pause();
      }
      if (wanted() && refused !== undefined) await take(refused.proposal, true);
      if (wanted()) {
        networks ??= await networksOf(space, pause);
        for (const [text, genome] of networks ?? [])
          if (wanted() && !known.has(text) && !taken.has(text)) await take({ genome, note: null }, true);
      }
      const all = networks == null ? null : countDecodable(networks);
      return { fresh, exhausted: { networks: all, proposals } };
    },
  };
}

/** Path of a trial's random streams. */
export function trialSeed(seed: string, trial: number): string {
  return `${seed}/trial/${trial}`;
}

interface Refused {
  readonly proposal: Proposal;
  readonly low: number;
}

function newTrial(proposal: Proposal, counts: Costs, text: string, seed: string): NewTrial {
  return {
    kind: 'sample',
    parent: null,
    genome: proposal.genome,
    text,
    ...counts,
    seed,
    note: proposal.note,
  };
}
