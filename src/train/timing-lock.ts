/** Who trains shares the machine's quiet lane: each step runs between the two calls. `enter` may block the thread. */
export interface TimingLock {
  enter(): void;
  leave(): void;
}

/** For trainings beside which nothing is timed. */
export const noTimingLock: TimingLock = { enter: () => undefined, leave: () => undefined };

/** Runs work inside the lane and leaves it whatever happens. */
export function within<T>(timingLock: TimingLock, work: () => T): T {
  timingLock.enter();
  try {
    return work();
  } finally {
    timingLock.leave();
  }
}
