import type { Json } from '../../core/index.js';
import type { Genome } from '../../space/index.js';
import type { Outcome } from '../schema/index.js';

/** `sample`: asked from the strategy; `netadapt`: an accepted step; `proposal`: a tried one; `retrain`: the final training. */
export type TrialKind = 'sample' | 'proposal' | 'netadapt' | 'retrain';

export type TrialState = 'running' | Outcome['state'];

/** A row of the trials table. */
export interface Trial {
  readonly id: number;
  readonly study: string;
  readonly kind: TrialKind;
  readonly state: TrialState;
  /** The trial it was made from (NetAdapt, retraining). */
  readonly parent: number | null;
  readonly genome: Genome | null;
  /** Text form of the architecture. */
  readonly text: string;
  readonly params: number;
  readonly madds: number;
  readonly seed: string;
  readonly reward: number | null;
  readonly outcome: Outcome | null;
  /** Attempts begun; a crash of the host costs one retry. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** What the strategy or the shrinking loop notes about it (proposal kind, log-probability, …). */
  readonly note: Json;
}
