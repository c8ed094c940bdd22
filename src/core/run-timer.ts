import { stopwatch } from './clock.js';

/** Times runs of one network, several at a time where the clock is too coarse for single ones. */
export interface RunTimer {
  /** Step of the clock by the runs of a sample, ms; 0 where it is beneath notice. Known once something was timed. */
  readonly clockStepMs: number;
  /** Runs that one sample is the mean of; 1 until something was timed. */
  readonly runsPerSample: number;
  /** Times `count` samples; each is ms of one run. */
  time(run: () => void, count: number): readonly number[];
}

/** A sample is at least this number of steps of the clock long, so that it is known to 1 %. */
const STEPS_PER_SAMPLE = 100;
/** How long a sample is is known from runs of this number of steps. */
const STEPS_TO_ESTIMATE = 10;
/** The quickest of these counts: one that was cold or interrupted would make samples too short for good. */
const ESTIMATES = 3;
/** Most runs of a sample, for work that takes next to no time. */
const MOST_RUNS = 10_000;
const CLOCK_CHANGES = 20;
/** A finer step is no clock's but the time that reading it takes. */
const FINE_MS = 1e-3;

/** @param watch starts a clock, as {@link stopwatch} does */
export function createRunTimer(watch: () => () => number = stopwatch): RunTimer {
  let stepMs = 0;
  let runsPerSample: number | undefined;

  function elapsedOf(run: () => void, runs: number): number {
    const elapsed = watch();
    for (let i = 0; i < runs; i++) run();
    return elapsed();
  }
  /** Single runs, unless the clock's step is over a hundredth of one. */
  function runsFor(run: () => void): number {
    stepMs = stepOf(watch());
    if (stepMs === 0) return 1;
    const least = (count: number): number =>
      Math.min(...Array.from({ length: ESTIMATES }, () => elapsedOf(run, count)));
    let runs = 1;
    let took = least(runs);
    while (took < STEPS_TO_ESTIMATE * stepMs && runs < MOST_RUNS)
      took = least((runs = Math.min(MOST_RUNS, 2 * runs)));
    const needed = (STEPS_PER_SAMPLE * stepMs * runs) / Math.max(took, stepMs);
    return Math.max(1, Math.min(MOST_RUNS, Math.ceil(needed)));
  }
  return {
    get clockStepMs() {
      return stepMs / (runsPerSample ?? 1);
    },
    get runsPerSample() {
      return runsPerSample ?? 1;
    },
    time(run, count) {
      const runs = (runsPerSample ??= runsFor(run));
      return Array.from({ length: count }, () => elapsedOf(run, runs) / runs);
    },
  };
}

/** The smallest of several changes of a clock, ms; 0 for one that is fine. */
function stepOf(clock: () => number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let changes = 0; changes < CLOCK_CHANGES; changes++) {
    const before = clock();
    let after = before;
    while (after === before) after = clock();
    least = Math.min(least, after - before);
    if (least < FINE_MS) return 0;
  }
  return least;
}
