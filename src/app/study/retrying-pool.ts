import { faultOf, stopwatch, type NasError, type Retry } from '../../core/index.js';
import type { Pool } from '../../pool/index.js';
import type { Job } from '../../trials/index.js';

/**
 * The pool, which waits out faults of the surroundings: the running trial stays unfinished meanwhile and is evaluated
 * again. What ends a browser twice at the same network is taken for that network's fault.
 * @param check throws a fault of the surroundings that a job would meet, before it is evaluated
 */
export function retryingPool(pool: Pool, retry: Retry, check: (job: Job) => void = () => undefined): Pool {
  return {
    // Those of many machines come and go.
    get slots() {
      return pool.slots;
    },
    fingerprint: pool.fingerprint,
    ...(pool.further === undefined ? {} : { further: pool.further }),
    get failure() {
      return pool.failure;
    },
    get hostPid() {
      return pool.hostPid;
    },
    evaluate(job, signal, progress) {
      const elapsed = stopwatch();
      const { trial } = job;
      return retry.run(
        async (works) => {
          check(job);
          const evaluated = await onceMore(() =>
            pool.evaluate(job, signal, (now) => {
              if (now.phase === 'training') works();
              return progress(now);
            }),
          );
          if ('outcome' in evaluated) return evaluated.outcome;
          const seconds = elapsed() / 1000;
          return { state: 'failed', reason: evaluated.fault.found, latency: null, curve: [], seconds };
        },
        signal,
        () => progress({ trial, phase: 'waiting', done: 0, loss: null, accuracy: null }) === 'continue',
      );
    },
    measure: (texts, signal, effort) =>
      retry.run(async () => {
        const measured = await onceMore(() => pool.measure(texts, signal, effort));
        if ('outcome' in measured) return measured.outcome;
        throw measured.fault;
      }, signal),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

type Tried<T> = { readonly outcome: T } | { readonly fault: NasError };

/** Tries a second time where it is unclear whose fault the first end was. */
async function onceMore<T>(work: () => Promise<T>): Promise<Tried<T>> {
  for (let again = false; ; again = true) {
    try {
      return { outcome: await work() };
    } catch (error) {
      const fault = faultOf(error);
      if (fault?.fault !== 'unclear') throw error;
      if (again) return { fault };
    }
  }
}
