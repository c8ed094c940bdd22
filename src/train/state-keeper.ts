import type { TimingLock } from './timing-lock.js';
import type { SavedTraining } from './saved-training.js';

/** Writing takes at most about this share of the time. */
const SHARE = 0.05;

export interface StateKeeperOptions {
  readonly keep: ((saved: SavedTraining) => Promise<void>) | undefined;
  readonly everyMs: number;
  readonly snapshot: () => SavedTraining;
  /** Reading and writing a state would disturb a measurement, so they take their turn as a step does. */
  readonly timingLock: TimingLock;
  readonly clock: () => number;
}

/** Keeps a training's state between two steps: when it is due, or immediately. */
export function stateKeeper({ keep, everyMs, snapshot, timingLock, clock }: StateKeeperOptions) {
  let next = clock() + everyMs;
  async function now(): Promise<void> {
    if (keep === undefined) return;
    const begin = clock();
    timingLock.enter();
    try {
      await keep(snapshot());
    } finally {
      timingLock.leave();
    }
    const end = clock();
    next = end + Math.max(everyMs, (end - begin) / SHARE);
  }
  return {
    now,
    whenDue: async (): Promise<void> => (keep === undefined || clock() < next ? undefined : now()),
  };
}
