import { isNasError, messageOf, stopwatch, type NasError } from '../core/index.js';
import type { Evaluator, Job, Outcome, Progress, Trial } from '../trials/index.js';

export interface Landed {
  readonly trial: Trial;
  /** How the trial ended; or why no candidate can be evaluated, which is no end of this one. */
  readonly outcome: Outcome | Grounded;
}

export interface Grounded {
  readonly state: 'grounded';
  readonly error: NasError;
}

/** The candidates that are being evaluated. */
export interface Flight {
  /** Aborted by `stop`. */
  readonly signal: AbortSignal;
  size(): number;
  start(trial: Trial, job: Job): void;
  /** The next one to end; rejects where listening to progress throws what is no NasError, which is a bug. */
  next(): Promise<Landed>;
  /** Asks all to stop between two steps. */
  stop(): void;
  /** Settles when nothing is evaluated any more. */
  drained(): Promise<void>;
}

export function createFlight(evaluator: Evaluator, onProgress: (progress: Progress) => void): Flight {
  const inAir = new Map<number, Promise<Landed>>();
  const abort = new AbortController();

  /** What listening throws must not surface inside the evaluator, which tells progress from events of its own. */
  async function land(trial: Trial, job: Job): Promise<Landed> {
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
    if (isNasError(thrown.error)) return { trial, outcome: { state: 'grounded', error: thrown.error } };
    throw thrown.error;
  }

  return {
    signal: abort.signal,
    size: () => inAir.size,
    start(trial, job) {
      const landing = land(trial, job);
      // What it rejects with is met by `next`, which may not be called for a while.
      landing.catch(() => undefined);
      inAir.set(trial.id, landing);
    },
    async next() {
      const landed = await Promise.race(inAir.values());
      inAir.delete(landed.trial.id);
      return landed;
    },
    stop: () => {
      abort.abort();
    },
    async drained() {
      await Promise.allSettled(inAir.values());
    },
  };
}

/** An evaluator that throws fails the candidate it was at; only a NasError says that it would fail any. */
async function endOf(evaluate: () => Promise<Outcome>, elapsed: () => number): Promise<Outcome | Grounded> {
  try {
    return await evaluate();
  } catch (error) {
    if (isNasError(error)) return { state: 'grounded', error };
    return { state: 'failed', reason: messageOf(error), latency: null, curve: [], seconds: elapsed() / 1000 };
  }
}
