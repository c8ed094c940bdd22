import type { ProgramState } from '../backends/index.js';
import type { CurvePoint } from '../trials/index.js';

/**
 * An unfinished training between two steps: with the same network, data, recipe, plan and random stream it continues
 * as if it had not been interrupted. The place in the random streams follows from the step, since each epoch has its own.
 */
export interface SavedTraining {
  /** Steps done, and their total. */
  readonly step: number;
  readonly steps: number;
  /** The plan's `maxSeconds`, which `steps` may have been cut for; null for none. */
  readonly maxSeconds: number | null;
  /** Whether the pace was taken that `steps` was cut by. */
  readonly paced: boolean;
  /** Seconds trained so far. */
  readonly seconds: number;
  /** Sums over the steps of the current epoch. */
  readonly loss: number;
  readonly correct: number;
  readonly curve: readonly CurvePoint[];
  readonly program: ProgramState;
}
