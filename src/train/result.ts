import type { Ratio } from '../core/index.js';
import type { Weights } from '../network/index.js';
import type { CurvePoint } from '../trials/index.js';

/** What may happen to a training is a value. */
export type TrainResult = Trained | TrainingStopped | Diverged;

export interface Trained {
  readonly state: 'done';
  /** On the held-out rows, or on the test set where the job was evaluated on it. */
  readonly accuracy: Ratio;
  /** Mean cross-entropy of the same pictures. */
  readonly loss: number;
  /** The weights that reach this accuracy. */
  readonly weights: Weights;
  /** Whether these are the moving average of the weights. */
  readonly ema: boolean;
  readonly curve: readonly CurvePoint[];
  readonly steps: number;
  readonly seconds: number;
}

export interface TrainingStopped {
  readonly state: 'stopped';
  readonly reason: string;
  readonly curve: readonly CurvePoint[];
  readonly steps: number;
  readonly seconds: number;
}

export interface Diverged {
  readonly state: 'diverged';
  readonly reason: string;
  readonly curve: readonly CurvePoint[];
  readonly steps: number;
  readonly seconds: number;
}
