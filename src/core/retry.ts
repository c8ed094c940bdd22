import { setTimeout as after } from 'node:timers/promises';
import { stopwatch } from './clock.js';
import type { NasError } from './errors.js';
import { faultOf } from './faults.js';

/** Seconds before each further attempt; the last one repeats. */
const PAUSES = [1, 2, 4, 8, 16, 32, 60] as const;

/** What a {@link Retry} reports, once per change. */
export type RetryEvent =
  /** Work met this fault and is tried again after growing pauses. */
  | { readonly kind: 'waiting'; readonly fault: NasError; readonly limitSeconds: number }
  /** Work that was tried again is past it. */
  | { readonly kind: 'recovered'; readonly seconds: number }
  /** The fault outlasted the limit. */
  | { readonly kind: 'gave up'; readonly fault: NasError; readonly seconds: number };

export interface RetryOptions {
  /** For so long work that meets a transient fault is tried again. */
  readonly limitSeconds: number;
  readonly onEvent: (event: RetryEvent) => void;
  /** Asked before each attempt; a fault that it finds is waited out like one that the work meets. */
  readonly check?: () => NasError | undefined;
  /** A monotonic clock in ms; default: the machine's. */
  readonly elapsedMs?: () => number;
  /** Default `setTimeout`. Resolves early when the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Waits out faults of the surroundings; what meets them at the same time waits together. */
export interface Retry {
  /**
   * Runs the work; where it ends with a transient fault, runs it again after growing pauses. Long work may call `works`
   * as soon as it is past the fault.
   * @param signal ends the waiting: the fault is thrown
   * @param onPause called after each pause; false ends the waiting as well
   * @throws NasError the fault that outlasted the limit; anything else the work throws, without a retry
   */
  run<T>(
    work: (works: () => void) => T | Promise<T>,
    signal: AbortSignal,
    onPause?: () => boolean,
  ): Promise<T>;
}

interface Outage {
  readonly fault: NasError;
  readonly sinceMs: number;
  readonly pauses: number;
  /** Whether it was reported that work goes past it; it is over when that work has succeeded. */
  passed: boolean;
  /** Whether the limit was reached. */
  readonly over?: boolean;
  /** The current pause, shared by all; null between pauses. */
  pause: Promise<void> | null;
}

export function createRetry(options: RetryOptions): Retry {
  const { limitSeconds, onEvent, check, elapsedMs = stopwatch(), sleep = sleepFor } = options;
  let outage: Outage | null = null;
  const secondsOf = ({ sinceMs }: Outage): number => (elapsedMs() - sinceMs) / 1000;

  /** Pauses; a fault met during a pause shares that pause. What fails again before it has succeeded gets no new patience. */
  function meet(fault: NasError, signal: AbortSignal): Promise<void> {
    const before = outage;
    if (before?.pause != null) return before.pause;
    const same = before?.fault.code === fault.code;
    const { sinceMs, pauses } =
      before !== null && (same || !before.passed) ? before : { sinceMs: elapsedMs(), pauses: 0 };
    const now: Outage = { fault, sinceMs, pauses: pauses + 1, passed: false, pause: null };
    const leftSeconds = limitSeconds - secondsOf(now);
    const pauseSeconds = Math.min(leftSeconds, PAUSES[Math.min(pauses, PAUSES.length - 1)] ?? 60);
    if (leftSeconds <= 0) {
      // Kept: what still runs and meets the same has no patience left either.
      if (before?.over !== true) onEvent({ kind: 'gave up', fault, seconds: secondsOf(now) });
      outage = { ...now, over: true };
      throw fault;
    }
    if (!same || before.passed) onEvent({ kind: 'waiting', fault, limitSeconds });
    outage = now;
    now.pause = sleep(1000 * pauseSeconds, signal).finally(() => (now.pause = null));
    return now.pause;
  }

  function pass(now: Outage): void {
    if (!now.passed && now.over !== true) onEvent({ kind: 'recovered', seconds: secondsOf(now) });
    now.passed = true;
  }

  return {
    async run(work, signal, onPause = () => true) {
      let met: NasError | undefined;
      for (;;) {
        // New work does not run into a fault that others wait out.
        while (outage?.pause != null) {
          const { fault, pause } = outage;
          met ??= fault;
          await ended(pause, signal);
          if (signal.aborted || !onPause()) throw met;
        }
        const begun: Outage | null = outage;
        try {
          const fault = check?.();
          if (fault !== undefined) throw fault;
          const result = await work(() => {
            if (begun !== null && outage === begun) pass(begun);
          });
          // What began before the fault proves nothing.
          if (begun !== null && outage === begun) {
            pass(begun);
            outage = null;
          }
          return result;
        } catch (error) {
          const fault = faultOf(error);
          if (fault?.fault !== 'transient') throw error;
          met = fault;
          if (!signal.aborted) await ended(meet(fault, signal), signal);
          if (signal.aborted || !onPause()) throw fault;
        }
      }
    },
  };
}

/** Tries once: what the work throws is thrown. */
export const withoutRetry: Retry = Object.freeze({
  run: async <T>(work: (works: () => void) => T | Promise<T>): Promise<T> => work(() => undefined),
});

/** Waits for a pause that another one's signal may not end. */
function ended(pause: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      signal.removeEventListener('abort', done);
      resolve();
    };
    signal.addEventListener('abort', done, { once: true });
    void pause.then(done);
  });
}

async function sleepFor(ms: number, signal: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal }).catch(() => undefined);
}
