/** Who trains shares the machine's quiet lane: each step runs between the two calls. `enter` may block the thread. */
export interface Lane {
  enter(): void;
  leave(): void;
}

/** For trainings beside which nothing is timed. */
export const openLane: Lane = { enter: () => undefined, leave: () => undefined };

/** Runs work inside the lane and leaves it whatever happens. */
export function within<T>(lane: Lane, work: () => T): T {
  lane.enter();
  try {
    return work();
  } finally {
    lane.leave();
  }
}
