import { noteIfWritable } from '../../core/index.js';
import type { TrialStore } from '../../trials/index.js';

/** When to stop; at least one of the two. Both count what earlier sessions of the study used. */
export interface SearchBudget {
  /** Candidates evaluated to an end (done, infeasible, failed). */
  readonly trials: number | null;
  /** Wall-clock seconds. */
  readonly seconds: number | null;
}

/** Time used by a study's search, kept under the store's note `search.seconds`. */
export interface Meter {
  secondsUsed(): number;
  /** Seconds of this session. */
  secondsHere(): number;
  /** Writes the time used to the store; `lazily`, only when some seconds have passed since. */
  keep(lazily?: boolean): void;
}

const NOTE = 'search.seconds';
const KEEP_EVERY = 5;

export function createMeter(store: TrialStore, elapsedMs: () => number): Meter {
  const noted = store.noted(NOTE);
  const before = typeof noted === 'number' && noted > 0 ? noted : 0;
  const start = elapsedMs();
  const secondsHere = (): number => (elapsedMs() - start) / 1000;
  let kept = 0;
  return {
    secondsHere,
    secondsUsed: () => before + secondsHere(),
    keep(lazily = false) {
      const here = secondsHere();
      if (lazily && here - kept < KEEP_EVERY) return;
      kept = here;
      noteIfWritable(() => store.note(NOTE, before + here));
    },
  };
}

/** Calls back after the given ms unless the returned function was called before. */
export type After = (delayMs: number, run: () => void) => () => void;

/** Longest delay that `setTimeout` takes. */
const LONGEST = 2 ** 31 - 1;

export const afterTimeout: After = (delayMs, run) => {
  if (delayMs > LONGEST) return () => undefined;
  const timer = setTimeout(run, delayMs);
  return () => {
    clearTimeout(timer);
  };
};
