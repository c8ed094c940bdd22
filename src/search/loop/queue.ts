import { isTimedAgain, type Outcome, type Trial, type TrialStore } from '../../trials/index.js';
import type { Pending } from '../strategies/strategy.js';

/** The trials that are begun and not committed, by ascending id; those of an earlier session first. */
export interface TrialQueue {
  size(): number;
  /** Whether one is left that was not taken yet. */
  hasNext(): boolean;
  /** The next one to evaluate; of an earlier session's, the store counts another attempt. */
  take(): Trial | undefined;
  add(trials: readonly Trial[]): void;
  /** Those that the strategy proposed. */
  pending(): readonly Pending[];
  /** Keeps the outcome of one until its turn; see {@link TrialQueue.ready}. */
  hold(trial: Trial, outcome: Outcome): void;
  /** The first of all, where its outcome is held: those are to be committed in the order of their ids. */
  ready(): StopReason | undefined;
  /** All that are left, with the outcome held for each. */
  left(): readonly { readonly trial: Trial; readonly outcome: Outcome | undefined }[];
  remove(trial: Trial): void;
}

interface StopReason {
  readonly trial: Trial;
  readonly outcome: Outcome;
}

/** Begins with what earlier sessions left unfinished. */
export function createQueue(store: TrialStore): TrialQueue {
  const unfinished = new Map<number, Trial>();
  const waiting: Trial[] = [];
  const held = new Map<number, Outcome>();
  const add = (trials: Iterable<Trial>): void => {
    for (const trial of trials) {
      unfinished.set(trial.id, trial);
      waiting.push(trial);
    }
  };
  add([...store.trials({ kinds: ['sample'], states: ['running'] })].filter((trial) => !isTimedAgain(trial)));
  const resumed = new Set(waiting);
  return {
    size: () => unfinished.size,
    hasNext: () => waiting.length > 0,
    take() {
      const [next] = waiting;
      const taken = next !== undefined && resumed.has(next) ? store.retry(next.id) : next;
      waiting.shift();
      return taken;
    },
    add,
    pending: () =>
      [...unfinished.values()].flatMap(({ id, genome, note }) =>
        genome === null ? [] : [{ trial: id, genome, note }],
      ),
    hold: ({ id }, outcome) => void held.set(id, outcome),
    ready() {
      const [trial] = unfinished.values();
      const outcome = trial === undefined ? undefined : held.get(trial.id);
      return trial === undefined || outcome === undefined ? undefined : { trial, outcome };
    },
    left: () => [...unfinished.values()].map((trial) => ({ trial, outcome: held.get(trial.id) })),
    remove({ id }) {
      unfinished.delete(id);
      held.delete(id);
    },
  };
}
