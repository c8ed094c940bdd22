import type { NasError } from '../../core/index.js';
import type { After, Meter, SearchBudget } from './budget.js';
import type { StopReason } from './stop-reason.js';

/** When a search stops. */
export interface Stopping {
  /** Why it ends; undefined while it runs. */
  readonly ended: StopReason | undefined;
  /** What it is to be ended with, where something failed. */
  readonly failure: NasError | undefined;
  /** Whether one more candidate can be expected to end within the time budget. */
  oneMoreFits(): boolean;
  /** No more candidates are begun; those being evaluated run to their ends. */
  finish(how: 'trials' | 'seconds' | 'exhausted'): void;
  /** Stops what is being evaluated too; the study can be resumed. */
  fail(error: NasError): void;
  /** From now on the user's signal and the end of the time budget stop the search; the function returned ends that. */
  watch(signal: AbortSignal | undefined, after: After): () => void;
}

/**
 * @param pace seconds that one candidate takes; null while unknown
 * @param stopAll stops what is being evaluated, between two steps
 */
export function createStopping(
  budget: SearchBudget,
  meter: Meter,
  pace: () => number | null,
  stopAll: () => void,
): Stopping {
  let ended: StopReason | undefined;
  let failure: NasError | undefined;
  const halt = (how: 'interrupted' | 'seconds'): void => {
    if (ended !== 'interrupted') ended = how;
    stopAll();
  };
  return {
    get ended() {
      return ended;
    },
    get failure() {
      return failure;
    },
    oneMoreFits() {
      if (budget.seconds === null) return true;
      const used = meter.secondsUsed();
      return used < budget.seconds && used + (pace() ?? 0) <= budget.seconds;
    },
    finish(how) {
      ended ??= how;
    },
    fail(error) {
      failure ??= error;
      halt('interrupted');
    },
    watch(signal, after) {
      const interrupt = (): void => {
        halt('interrupted');
      };
      if (signal?.aborted) interrupt();
      signal?.addEventListener('abort', interrupt);
      const cancel =
        budget.seconds === null
          ? undefined
          : after(Math.max(0, budget.seconds - meter.secondsUsed()) * 1000, () => {
              halt('seconds');
            });
      return () => {
        cancel?.();
        signal?.removeEventListener('abort', interrupt);
      };
    },
  };
}
