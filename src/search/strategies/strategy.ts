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

/** What became of a candidate. */
export interface Finished extends Pending {
  /** A number for `done` and `infeasible`; null for `stopped` and `failed`, which teach nothing. */
  readonly reward: number | null;
  readonly state: Outcome['state'];
}

/**
 * Proposes genomes and learns from rewards. Duties:
 * - `ask` changes nothing: the same state, pending trials and random stream give the same proposals.
 * - only `tell` teaches; it is called once for each finished trial, and once more, with the old reward and the new
 *   note, whenever a proposal repeats a finished architecture.
 * - `save` is complete: a strategy made from it continues bit for bit like this one.
 */
export interface Strategy {
  readonly name: string;
  ask(count: number, pending: readonly Pending[], rng: Rng): readonly Proposal[];
  tell(finished: readonly Finished[]): void;
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
