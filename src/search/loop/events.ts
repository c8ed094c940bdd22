import type { Progress, Trial } from '../../trials/index.js';
import type { Exhausted } from './proposer.js';

/** Where a search stands. */
export interface SearchStatus {
  /** Candidates of this study by state, earlier sessions included. */
  readonly done: number;
  readonly infeasible: number;
  readonly failed: number;
  readonly running: number;
  /** Budget of candidates; null without one. */
  readonly trials: number | null;
  /** Time used, earlier sessions included, and the budget of it; null without one. */
  readonly secondsUsed: number;
  readonly seconds: number | null;
  /** Estimate until the end; null while nothing is known to estimate from. */
  readonly secondsLeft: number | null;
}

/** What a search reports while it runs. */
export type SearchEvent =
  /** A candidate goes to the evaluator; `attempts` > 1 when it was interrupted before. */
  | { readonly kind: 'begun'; readonly trial: Trial; readonly status: SearchStatus }
  | { readonly kind: 'progress'; readonly progress: Progress; readonly status: SearchStatus }
  | { readonly kind: 'finished'; readonly trial: Trial; readonly status: SearchStatus }
  /** The strategy proposed the architecture of a finished trial again; it was not trained again. */
  | { readonly kind: 'repeat'; readonly trial: number; readonly status: SearchStatus }
  /** The search ends since no architecture is left, or none was found, that had not been tried. */
  | ({ readonly kind: 'exhausted'; readonly status: SearchStatus } & Exhausted);
