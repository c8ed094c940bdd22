import { createRng, type Rng } from '../core/index.js';
import type { SearchSpace } from '../space/index.js';
import type { NewTrial, TrialRow } from '../trials/index.js';
import type { Pending, Proposal, Strategy } from './strategy.js';
import { decoded, type Counts } from './undecodable.js';

/** How often the strategy is asked again when it only repeats itself, and how many uniform samples follow then. */
const ASKED_AGAIN = 30;
const UNIFORM_TRIES = 200;

/** A finished trial's part that a repeated proposal is answered with. */
export type Known = Pick<TrialRow, 'trial' | 'state' | 'reward'>;

export interface Proposer {
  /**
   * Up to `count` candidates that are neither known nor pending, ready to be begun. Fewer, or none, when neither
   * the strategy nor uniform sampling finds a new one.
   * @param next id of the first of them
   */
  propose(count: number, next: number, pending: readonly Pending[]): readonly NewTrial[];
  /** From now on proposals of this architecture are answered from memory. */
  learn(text: string, known: Known): void;
}

/**
 * Asks the strategy until it has something new. The stream of the k-th asking for trial n depends on n and k only,
 * so a resumed search asks alike. A repeated proposal is told to the strategy with the old reward, as if it had
 * been trained again; one that is pending at the time teaches nothing.
 */
export function createProposer(
  space: SearchSpace,
  strategy: Strategy,
  seed: string,
  onRepeat: (trial: number) => void,
): Proposer {
  const known = new Map<string, Known>();
  const root = createRng(seed).fork('ask');
  return {
    learn: (text, what) => void known.set(text, what),
    propose(count, next, pending) {
      const fresh: NewTrial[] = [];
      const taken = new Set(pending.map((one) => decoded(space, one.genome).text));
      const asked = (): readonly Pending[] => [
        ...pending,
        ...fresh.map((one, i) => ({ trial: next + i, genome: one.genome ?? [], note: one.note })),
      ];
      const take = (proposal: Proposal): void => {
        const { counts, text } = decoded(space, proposal.genome);
        const old = known.get(text);
        if (old !== undefined) {
          onRepeat(old.trial);
          const { trial, reward, state } = old;
          if (reward !== null && state !== 'running') strategy.tell([{ ...proposal, trial, reward, state }]);
        } else if (!taken.has(text)) {
          taken.add(text);
          fresh.push(newTrial(proposal, counts, text, `${seed}/trial/${next + fresh.length}`));
        }
      };
      for (let again = 0; fresh.length < count && again <= ASKED_AGAIN; again++) {
        const rng = root.fork(next).fork(again);
        strategy.ask(count - fresh.length, asked(), rng).forEach(take);
      }
      const rng: Rng = root.fork(next).fork('uniform');
      for (let tries = 0; fresh.length < count && tries < UNIFORM_TRIES; tries++) {
        const proposal = { genome: space.sample(rng), note: null };
        if (!known.has(decoded(space, proposal.genome).text)) take(proposal);
      }
      return fresh;
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
