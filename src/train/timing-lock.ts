/** A training shares the machine's timing lock: each step runs between the two calls. `enter` may block the thread. */
export interface TimingLock {
  enter(): void;
  leave(): void;
}

/** For trainings during which nothing is timed. */
export const noTimingLock: TimingLock = { enter: () => undefined, leave: () => undefined };

/** Runs work inside the lock and always releases it. */
export function within<T>(timingLock: TimingLock, work: () => T): T {
  timingLock.enter();
  try {
    return work();
  } finally {
    timingLock.leave();
  }
}
