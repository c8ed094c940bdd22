import type { Json } from '../core/index.js';
import type { Genome } from '../space/index.js';
import type { Outcome, Trial, TrialKind, TrialState } from './trial.js';

/** What a study is; fixed when it is made, except for its budget. */
export interface Study {
  readonly name: string;
  /** The checked specification (see app/config). */
  readonly spec: Json;
  readonly spaceDigest: string;
  readonly seed: string;
  readonly createdAt: number;
  /** Node, package, TensorFlow, device. */
  readonly environment: Json;
}

/** A trial to be begun. */
export interface NewTrial {
  readonly kind: TrialKind;
  readonly parent: number | null;
  readonly genome: Genome | null;
  readonly text: string;
  readonly params: number;
  readonly madds: number;
  readonly seed: string;
  readonly note: Json;
}

export interface Filter {
  readonly kinds?: readonly TrialKind[];
  readonly states?: readonly TrialState[];
  readonly text?: string;
  readonly parent?: number;
}

/**
 * One study's trials in one SQLite file (WAL). One writer; readers never block it, nor it them.
 * Finished trials never change: finishing one twice throws NasError `NAS_TRIAL_FINISHED`.
 */
export interface TrialStore extends Disposable {
  readonly study: Study;
  /** Begins trials in order with the ids that follow the largest one, and saves the strategy's state, in one transaction. */
  begin(trials: readonly NewTrial[], strategyState: Json): readonly Trial[];
  /** Another attempt at an unfinished trial (after a crash or a resume). */
  retry(trial: number): Trial;
  /** Stores outcome, reward and the strategy's state in one transaction. */
  finish(trial: number, outcome: Outcome, reward: number | null, strategyState: Json): Trial;
  trial(id: number): Trial | undefined;
  trials(filter?: Filter): Iterable<Trial>;
  strategyState(): Json;
  /** Small named values of the controller: progress of NetAdapt, time used, … */
  note(key: string, value: Json): void;
  noted(key: string): Json | undefined;
}
