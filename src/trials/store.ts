import type { Json } from '../core/index.js';
import type { Genome } from '../space/index.js';
import type { ColumnName, SortColumn, SortKey } from './query/columns.js';
import type { FrontierOptions } from './model/frontier.js';
import type { TrialRow } from './model/row.js';
import type { Outcome } from './schema/index.js';
import type { Trial, TrialKind, TrialState } from './model/trial.js';
import type { Condition } from './query/where/condition.js';

/** What a study is; fixed when it is made, except for its budget. */
export interface Study {
  /** Its folder's name, also where the folder was renamed or copied after the study was made. */
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

/** Which rows, in which order. */
export interface RowQuery extends Filter {
  /** At most this measured, tabled or predicted median; trials without one are left out. */
  readonly maxLatencyMs?: number;
  readonly minAccuracy?: number;
  /** A condition that `parseWhere` made. */
  readonly where?: Condition;
  /** Default `trial`, ascending. Of rows equal in all keys the earliest comes first; ones without a value come last. */
  readonly sort?: SortColumn | readonly SortKey[];
  /** Direction of a `sort` that is one column or left out. */
  readonly descending?: boolean;
  readonly limit?: number;
  readonly offset?: number;
}

/** What may be read of a study, also while its writer writes. Each call sees one moment's state. */
export interface TrialReader extends Disposable {
  readonly study: Study;
  trial(id: number): Trial | undefined;
  /** Whole trials, curves and samples included, by ascending id. Read in pages, each one a moment's state. */
  trials(filter?: Filter): Iterable<Trial>;
  /** Flat rows without anything bulky: the way to list many trials. */
  rows(query?: RowQuery): readonly TrialRow[];
  /** As {@link rows}, by ascending id in pages, each one a moment's state: the way through a long study with pauses. */
  pages(filter?: Filter): Iterable<readonly TrialRow[]>;
  /** As {@link rows}, but these columns only, as lists in their order: the way to draw many trials. */
  values(columns: readonly ColumnName[], query?: RowQuery): readonly (readonly (string | number | null)[])[];
  /** How many rows there are without `limit` and `offset`. */
  count(query?: RowQuery): number;
  /** As the function `frontier` over all trials. */
  frontier(options?: FrontierOptions): readonly TrialRow[];
  /** As the function `bestUnder` over all trials. */
  best(targetMs: number, options?: FrontierOptions): TrialRow | undefined;
  /** Genomes of all trials that have one, without anything else of them. */
  genomes(): ReadonlyMap<number, Genome>;
  /** Latencies predicted for trials before they were timed, ms, by trial. */
  predicted(): ReadonlyMap<number, number>;
  strategyState(): Json;
  noted(key: string): Json | undefined;
}

/**
 * One study's trials. One writer; readers never block it, nor it them. Ids start at 1.
 * Finished trials never change: finishing or retrying one throws NasError `NAS_TRIAL_FINISHED`; an unknown id
 * throws `NAS_TRIAL_MISSING`. Nothing of a call that throws is kept.
 */
export interface TrialStore extends TrialReader {
  /** Begins trials in order with the ids that follow the largest one, and saves the strategy's state, in one transaction. */
  begin(trials: readonly NewTrial[], strategyState: Json): readonly Trial[];
  /** Another attempt at an unfinished trial (after a crash or a resume). */
  retry(trial: number): Trial;
  /** Stores outcome, reward (finite or null) and the strategy's state in one transaction. */
  finish(trial: number, outcome: Outcome, reward: number | null, strategyState: Json): Trial;
  /** Keeps a small named value of the controller: progress of NetAdapt, time used, … */
  note(key: string, value: Json): void;
}
