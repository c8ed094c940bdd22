import type { Examples, TrainingProgram } from '../backends/index.js';
import { within, type TimingLock } from './timing-lock.js';

/** How weights did on examples. */
export interface Evaluation {
  readonly correct: number;
  readonly count: number;
  /** correct / count. */
  readonly accuracy: number;
  /** Mean cross-entropy. */
  readonly loss: number;
}

/** Pictures evaluated between two checks of the timing lock and of `stopped`. */
const CHUNK = 1000;

/**
 * Evaluates a program's weights in slices of examples, each inside the timing lock; null when it was stopped.
 * @param pause awaited between slices
 */
export async function evaluateProgram(
  program: TrainingProgram,
  examples: Examples,
  options: {
    readonly ema: boolean;
    readonly batch: number;
    readonly timingLock: TimingLock;
    readonly stopped: () => boolean;
    readonly pause: () => Promise<void>;
  },
): Promise<Evaluation | null> {
  const size = Math.max(1, Math.round(CHUNK / options.batch)) * options.batch;
  let correct = 0;
  let loss = 0;
  for (let from = 0; from < examples.count; from += size) {
    await options.pause();
    if (options.stopped()) return null;
    const rows = slice(examples, from, Math.min(examples.count, from + size));
    const part = within(options.timingLock, () => program.evaluate(rows, options.ema));
    correct += part.correct;
    loss += part.loss * part.count;
  }
  return { correct, count: examples.count, accuracy: correct / examples.count, loss: loss / examples.count };
}

/** Rows `from` to `to` as a view of the same bytes. */
export function slice(examples: Examples, from: number, to: number): Examples {
  const size = examples.shape[0] * examples.shape[1] * examples.shape[2];
  return {
    count: to - from,
    shape: examples.shape,
    images: examples.images.subarray(from * size, to * size),
    labels: examples.labels.subarray(from, to),
  };
}
