import { isNasError, messageOf, stopwatch, type NasError } from '../../core/index.js';
import type { Evaluator, Job, Outcome, Progress, Trial } from '../../trials/index.js';

export interface Settled {
  readonly trial: Trial;
  /** How the trial ended; or why no candidate can be evaluated, which is no end of this one. */
  readonly outcome: Outcome | EvaluatorUnavailable;
}

export interface EvaluatorUnavailable {
  readonly state: 'unavailable';
  readonly error: NasError;
}

/** The candidates that are being evaluated. */
export interface InFlight {
  /** Aborted by `stop`. */
  readonly signal: AbortSignal;
  size(): number;
  start(trial: Trial, job: Job): void;
  /** The next one to end; rejects where listening to progress throws what is no NasError, which is a bug. */
  next(): Promise<Settled>;
  /** Asks all to stop between two steps. */
  stop(): void;
  /** Settles when nothing is evaluated any more. */
  drained(): Promise<void>;
}

export function createInFlight(evaluator: Evaluator, onProgress: (progress: Progress) => void): InFlight {
  const evaluating = new Map<number, Promise<Settled>>();
  const abort = new AbortController();

  /** What a listener throws must not surface inside the evaluator, which emits progress from its own events. */
  async function settle(trial: Trial, job: Job): Promise<Settled> {
    const elapsed = stopwatch();
    let thrown: { readonly error: unknown } | undefined;
    const listen = (progress: Progress): 'continue' | 'stop' => {
      try {
        if (thrown === undefined) onProgress(progress);
      } catch (error) {
        thrown = { error };
      }
      return abort.signal.aborted || thrown !== undefined ? 'stop' : 'continue';
    };
    const outcome = await endOf(() => evaluator.evaluate(job, abort.signal, listen), elapsed);
    if (thrown === undefined) return { trial, outcome };
    if (isNasError(thrown.error)) return { trial, outcome: { state: 'unavailable', error: thrown.error } };
    throw thrown.error;
  }

  return {
    signal: abort.signal,
    size: () => evaluating.size,
    start(trial, job) {
      const settling = settle(trial, job);
      // What it rejects with is met by `next`, which may not be called for a while.
      settling.catch(() => undefined);
      evaluating.set(trial.id, settling);
    },
    async next() {
      const settled = await Promise.race(evaluating.values());
      evaluating.delete(settled.trial.id);
      return settled;
    },
    stop: () => {
      abort.abort();
    },
    async drained() {
      await Promise.allSettled(evaluating.values());
    },
  };
}

/** An evaluator that throws fails the candidate it was at; only a NasError says that it would fail any. */
async function endOf(
  evaluate: () => Promise<Outcome>,
  elapsed: () => number,
): Promise<Outcome | EvaluatorUnavailable> {
  try {
    return await evaluate();
  } catch (error) {
    if (isNasError(error)) return { state: 'unavailable', error };
    return { state: 'failed', reason: messageOf(error), latency: null, curve: [], seconds: elapsed() / 1000 };
  }
}
