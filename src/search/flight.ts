import type { Evaluator, Job, Outcome, Progress, Trial } from '../trials/index.js';

export interface Landed {
  readonly trial: Trial;
  readonly outcome: Outcome;
}

/** The candidates that are being evaluated. */
export interface Flight {
  size(): number;
  start(trial: Trial, job: Job): void;
  /** The next one to end; rejects where the evaluator throws, which is a bug of it. */
  next(): Promise<Landed>;
  /** Asks all to stop between two steps. */
  stop(): void;
  /** Settles when nothing is evaluated any more. */
  drained(): Promise<void>;
}

export function createFlight(evaluator: Evaluator, onProgress: (progress: Progress) => void): Flight {
  const inAir = new Map<number, Promise<Landed>>();
  const abort = new AbortController();
  return {
    size: () => inAir.size,
    start(trial, job) {
      const landing = evaluator
        .evaluate(job, abort.signal, (progress) => {
          onProgress(progress);
          return abort.signal.aborted ? 'stop' : 'continue';
        })
        .then((outcome) => ({ trial, outcome }));
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
