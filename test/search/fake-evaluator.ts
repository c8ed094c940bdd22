import type { Evaluator, Job, Outcome } from '../../src/trials/index.js';
import { done, latency } from '../../src/testing/index.js';
import { genomeOf } from './fake-space.js';

/** Time that passes only when something was scheduled for it; runs what is due in order, one macrotask each. */
export interface FakeClock {
  readonly elapsedMs: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
}

export function fakeClock(): FakeClock {
  let now = 0;
  let pumping = false;
  const due: { at: number; run: () => void }[] = [];
  const pump = (): void => {
    due.sort((a, b) => a.at - b.at);
    const next = due.shift();
    pumping = next !== undefined;
    if (next === undefined) return;
    now = Math.max(now, next.at);
    next.run();
    setImmediate(pump);
  };
  return {
    elapsedMs: () => now,
    after(delayMs, run) {
      const entry = { at: now + delayMs, run };
      due.push(entry);
      if (!pumping) {
        pumping = true;
        setImmediate(pump);
      }
      return () => {
        const at = due.indexOf(entry);
        if (at >= 0) due.splice(at, 1);
      };
    },
  };
}

export interface FakeOptions {
  readonly slots?: number;
  readonly clock?: FakeClock;
  /** Seconds one job takes; default 10. */
  readonly seconds?: (job: Job) => number;
  /** What becomes of a job; default {@link fakeOutcome}. */
  readonly outcome?: (job: Job, seconds: number) => Outcome;
}

export interface FakeEvaluator extends Evaluator {
  /** Jobs in the order they came. */
  readonly jobs: readonly Job[];
  /** Most jobs that ran concurrently. */
  most(): number;
}

/** Evaluates in no time what a table or formula says, on its own clock; obeys stops in four places of a job. */
export function fakeEvaluator(options: FakeOptions = {}): FakeEvaluator {
  const { slots = 1, clock = fakeClock(), seconds = () => 10, outcome = fakeOutcome } = options;
  const jobs: Job[] = [];
  let running = 0;
  let most = 0;
  return {
    slots,
    jobs,
    most: () => most,
    async evaluate(job, signal, progress) {
      jobs.push(job);
      most = Math.max(most, ++running);
      const total = seconds(job);
      for (let part = 1; part <= 4; part++) {
        await new Promise<void>((resolve) => clock.after((total / 4) * 1000, resolve));
        const said = progress({
          trial: job.trial,
          phase: 'training',
          done: part / 4,
          loss: null,
          accuracy: null,
        });
        if (said === 'stop' || signal.aborted) {
          running--;
          return {
            state: 'stopped',
            reason: 'asked to stop',
            latency: null,
            curve: [],
            seconds: (total * part) / 4,
          };
        }
      }
      running--;
      return outcome(job, total);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Wide is accurate and slow: accuracy 0.5 to 0.9, latency 1 to 3 ms; over the gate it is infeasible. */
export function fakeOutcome(job: Job, seconds: number): Outcome {
  const genome = genomeOf(job.text);
  const share = genome.reduce((a, b) => a + b, 0) / (3 * genome.length);
  const ms = 1 + 2 * share;
  if (job.gateMs !== null && ms > job.gateMs)
    return { state: 'infeasible', reason: 'over the gate', latency: latency(ms), seconds };
  return done(0.5 + 0.4 * Math.sqrt(share), ms, { seconds, checkpoint: job.checkpoint });
}

export function failure(reason: string, deterministic = false): Outcome {
  return { state: 'failed', reason, latency: null, curve: [], seconds: 1, deterministic };
}
