import type { Json, Rng } from '../../core/index.js';
import type { Genome } from '../../space/index.js';
import type { Outcome } from '../../trials/index.js';

/** A candidate to try. */
export interface Proposal {
  readonly genome: Genome;
  /** What the strategy wants to hear again in {@link Finished}; kept with the trial. */
  readonly note: Json;
}

/** A candidate that is being tried. */
export interface Pending extends Proposal {
  readonly trial: number;
}

/** A candidate's latency on one platform, with the 95 % interval of its median and what it was to keep to; ms. */
export interface FinishedLatency {
  readonly platform: string;
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly targetMs: number;
}

/** What became of a candidate. Everything but the reward may be absent: it was not measured or not kept. */
export interface Finished extends Pending {
  /** A number for `done` and `infeasible`; null for `stopped` and `failed`, which teach nothing. */
  readonly reward: number | null;
  readonly state: Outcome['state'];
  /** Share of correct answers on the held-out part, in [0, 1]. */
  readonly accuracy?: number | null;
  /** Mean cross-entropy on the held-out part. */
  readonly loss?: number | null;
  /** The first platform's first. */
  readonly latencies?: readonly FinishedLatency[];
  readonly seconds?: number | null;
  /** Share of the training schedule that was run, in (0, 1]. */
  readonly fidelity?: number | null;
}

/** A latency as a share of its target: 1 is at the target. Of several platforms the one farthest over its own counts. */
export interface RelativeLatency {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** What can be said of a genome's latency without a trial; null where nothing can. May cost some milliseconds. */
export type LatencyOf = (genome: Genome) => RelativeLatency | null;

/**
 * Proposes genomes and learns from what became of them. Duties:
 * - `ask` changes nothing: the same state, pending trials and random stream give the same proposals.
 * - only `tell` teaches; it is called once for each finished trial.
 * - `save` is complete: a strategy made from it continues bit for bit like this one.
 */
export interface Strategy {
  readonly name: string;
  /**
   * Whether `tell` is called once more, with the old reward and the new note, whenever a proposal repeats a finished
   * architecture. Default false: a repeat is no new evidence.
   */
  readonly learnsFromRepeats?: boolean;
  /**
   * Whether a proposal that the latency gate refuses becomes an infeasible trial that `tell` hears of. Default false:
   * another one is asked for in its place.
   */
  readonly learnsFromRefused?: boolean;
  /**
   * None at all ends the search: there is nothing more that the strategy would try.
   * @param latencyOf to stay within the limit by; absent where nothing is known before a trial
   */
  ask(count: number, pending: readonly Pending[], rng: Rng, latencyOf?: LatencyOf): readonly Proposal[];
  /** The same as {@link ask}, in parts of some milliseconds. Absent where `ask` takes no longer than that. */
  askInParts?(
    count: number,
    pending: readonly Pending[],
    rng: Rng,
    latencyOf?: LatencyOf,
  ): Generator<void, readonly Proposal[]>;
  tell(finished: readonly Finished[]): void;
  /**
   * How accurate networks that were reported are taken to be by all that was reported: the noise of one short training averaged
   * out. Greater is better; comparable within one answer only. Null while too little is known. Changes nothing. Absent where a
   * strategy has no such estimate; the accuracy reported is the best guess then.
   */
  estimates?(genomes: readonly Genome[]): readonly number[] | null;
  /**
   * The same as {@link tell}, in parts of some milliseconds: other work may come between two of them. A caller that begins it
   * finishes it before asking for anything else. Absent where `tell` takes no longer than that.
   */
  tellInParts?(finished: readonly Finished[]): Iterable<void>;
  save(): Json;
  /**
   * Probability of each option of each choice in what `ask` would propose now, for display. Changes nothing
   * and draws from no stream of the search. Absent where a strategy has none.
   */
  probabilities?(): readonly (readonly number[])[];
}
