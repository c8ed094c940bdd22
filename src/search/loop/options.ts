import type { Ms, Pause, Retry } from '../../core/index.js';
import type { SearchSpace } from '../../space/index.js';
import type {
  Evaluator,
  LatencyRecord,
  NewTrial,
  TrainingPlan,
  TrialRow,
  TrialStore,
} from '../../trials/index.js';
import type { After, SearchBudget } from './budget.js';
import type { StopReason } from './stop-reason.js';
import type { SearchEvent, SearchStatus } from './events.js';
import type { LatencyPredictor } from './latency-gate.js';
import type { Exhausted } from './proposer.js';
import type { Reward } from '../reward.js';
import type { Strategy } from '../strategies/strategy.js';

/** A candidate that no strategy proposed. */
export interface InitialCandidate extends Pick<NewTrial, 'genome' | 'text' | 'params' | 'madds' | 'note'> {
  /** Where it was timed already: then it is not timed again, unless the study is resumed in between. */
  readonly latency?: LatencyRecord;
}

export interface SearchOptions {
  readonly space: SearchSpace;
  /** Made with `saved: store.strategyState()`, so that it stands where the study stands. */
  readonly strategy: Strategy;
  readonly reward: Reward;
  readonly store: TrialStore;
  readonly evaluator: Evaluator;
  readonly targetMs: Ms;
  readonly budget: SearchBudget;
  /** How each candidate is trained. */
  readonly plan: TrainingPlan;
  /**
   * `async` (default): each free slot immediately gets a new candidate. `batch`: candidates are asked for in batches and
   * reported to the strategy in the order of their ids, so the table of trials does not depend on the number of slots or on who is first.
   */
  readonly mode?: 'async' | 'batch';
  /**
   * Candidates that a new study begins with, before the strategy is asked: a budget of trials counts them. They need not
   * be in the space; only those with a genome teach the strategy. A study that has trials already ignores them.
   */
  readonly initial?: readonly InitialCandidate[];
  /** Candidates of one batch; default 4. */
  readonly batchSize?: number;
  /** Candidates slower than this times the target are not trained; default null: all are. */
  readonly gateFactor?: number | null;
  /**
   * Latencies predicted from those measured so far. A candidate whose lowest predicted latency is over the gate is neither
   * timed nor trained. In mode `batch` it is not consulted: what it knows would depend on which candidate finished first.
   */
  readonly predictor?: LatencyPredictor | undefined;
  /** Seconds one candidate will take, until one is done; default null: unknown. */
  readonly expectedSeconds?: number | null;
  /** Name of the file that a trial's weights are kept in; default none. */
  readonly checkpoint?: (trial: number) => string | null;
  /** Ends the search when the user asks for it: candidates in flight stay unfinished and are taken up on resuming. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: SearchEvent) => void;
  /** A monotonic clock in ms; default: the machine's. */
  readonly elapsedMs?: () => number;
  /** Default `setTimeout`. */
  readonly after?: After;
  /** Waits until the store can be written again; default: what cannot be written ends the search. */
  readonly retry?: Retry;
  /** Awaited between the parts of long work; default {@link createPause}. */
  readonly pause?: Pause;
}

export interface SearchResult {
  readonly ended: StopReason;
  readonly status: SearchStatus;
  /** The most accurate candidate that meets the target, or undefined when none does. */
  readonly best: TrialRow | undefined;
  /** What is known of the space, where it ended `exhausted`. */
  readonly exhausted?: Exhausted;
}
