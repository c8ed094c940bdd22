import { createRng, type Pause, type Rng } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import type { NewTrial, TrialRow } from '../../trials/index.js';
import { countDecodable, networksOf } from './networks.js';
import type { Pending, Proposal, Strategy } from '../strategies/strategy.js';
import { teach } from './teach.js';
import { decoded, type Counts } from './undecodable.js';

/** How often the strategy is asked again when it only repeats itself, and how many uniform samples follow then. */
const ASKED_AGAIN = 30;
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
   * Up to `count` candidates: the strategy's, then uniform samples, then, in a small space, those not tried yet.
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
  readonly seed: string;
  readonly onRepeat: (trial: number) => void;
  readonly pause: Pause;
}

/**
 * Asks the strategy until it has something new. The stream of the k-th asking for trial n depends on n and k only,
 * so a resumed search asks the same. A repeated proposal is reported to the strategy with the old reward, as if it had
 * been trained again; one that is pending at the time teaches nothing.
 */
export function createProposer(options: ProposerOptions): Proposer {
  const { space, strategy, seed, onRepeat, pause } = options;
  const known = new Map<string, Known>();
  const root = createRng(seed).fork('ask');
  let networks: ReadonlyMap<string, Genome> | null | undefined;
  return {
    learn: (text, what) => void known.set(text, what),
    async propose(count, next, pending, stopped) {
      const fresh: NewTrial[] = [];
      const taken = new Set(pending.map((one) => decoded(space, one.genome).text));
      let proposals = 0;
      const asked = (): readonly Pending[] => [
        ...pending,
        ...fresh.map((one, i) => ({ trial: next + i, genome: one.genome ?? [], note: one.note })),
      ];
      const take = async (proposal: Proposal): Promise<void> => {
        proposals++;
        const { counts, text } = decoded(space, proposal.genome);
        const old = known.get(text);
        if (old !== undefined) {
          onRepeat(old.trial);
          const { trial, reward, state } = old;
          if (reward !== null && state !== 'running')
            await teach(strategy, [{ ...proposal, trial, reward, state }], pause);
        } else if (!taken.has(text)) {
          taken.add(text);
          fresh.push(newTrial(proposal, counts, text, `${seed}/trial/${next + fresh.length}`));
        }
      };
      const wanted = (): boolean => fresh.length < count && !stopped();

      for (let again = 0; wanted() && again <= ASKED_AGAIN; again++) {
        const rng = root.fork(next).fork(again);
        for (const proposal of strategy.ask(count - fresh.length, asked(), rng)) await take(proposal);
        await pause();
      }
      const rng: Rng = root.fork(next).fork('uniform');
      for (let tries = 0; wanted() && tries < UNIFORM_TRIES; tries++) {
        const proposal = { genome: space.sample(rng), note: null };
        if (known.has(decoded(space, proposal.genome).text)) proposals++;
        else await take(proposal);
        await pause();
      }
      if (wanted()) {
        networks ??= await networksOf(space, pause);
        for (const [text, genome] of networks ?? [])
          if (wanted() && !known.has(text) && !taken.has(text)) await take({ genome, note: null });
      }
      const all = networks == null ? null : countDecodable(networks);
      return { fresh, exhausted: { networks: all, proposals } };
    },
  };
}

function newTrial(proposal: Proposal, counts: Counts, text: string, seed: string): NewTrial {
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
