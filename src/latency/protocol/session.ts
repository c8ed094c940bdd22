import { createRng, mad, median, stopwatch } from '../../core/index.js';
import { clockStep } from './clock-step.js';
import { fastDecileInterval, fastDecileMedian } from './estimator.js';
import { summarise, type Measured } from './record.js';
import type { Protocol } from './protocol.js';

/** Anything that can be timed: runs `count` times and returns each run's time in ms. */
export interface Timed {
  /** Step of the clock that runs are timed by, ms of one run, where the device knows it; else it is found from the runs. */
  readonly clockStepMs?: number;
  time(count: number): readonly number[] | Promise<readonly number[]>;
}

export interface SessionOptions {
  /** Timed in turns with the others; latencies are stated in relation to it. */
  readonly reference?: Timed | undefined;
  /** Asked between bursts; true ends the session. */
  readonly stop?: (() => boolean) | undefined;
  /** Milliseconds since the session began; a stopwatch unless given. */
  readonly elapsed?: (() => number) | undefined;
  /** The least length of a burst, regardless of the protocol. */
  readonly leastBurst?: number | undefined;
  /** Runs come as printed numbers, so that even identical ones were rounded; see `clockStep`. */
  readonly printed?: boolean | undefined;
}

export interface Session {
  /** In the order of the programs. */
  readonly networks: readonly Measured[];
  /** The reference network in this session; null without one. */
  readonly reference: ReferenceSession | null;
}

export interface ReferenceSession {
  /** Median of the fastest tenth of runs, ms. */
  readonly medianMs: number;
  readonly madMs: number;
  readonly runs: number;
  /** How much slower its slowest quarter of the session was than its fastest, as a share; 0 for too few rounds. */
  readonly drift: number;
  /** Step of the clock, ms of one run; absent for none that shows. */
  readonly clockStepMs?: number;
}

/** Resamples of the quick bootstrap that decides whether to continue. */
const QUICK = 100;
const QUARTERS = 4;
/** Rounds from which an interval over rounds means something. */
const LEAST_ROUNDS = 5;

/**
 * Times several programs in one session: rounds of one burst each, in an order reshuffled every round, so that
 * a drift of the machine affects all equally. For the same reason all continue until each interval is narrow enough.
 * With several programs the first run of every burst is not counted: it finds another's data in the caches.
 * @returns null when it was stopped
 */
export async function timeInterleaved(
  programs: readonly Timed[],
  protocol: Protocol,
  {
    reference,
    stop = () => false,
    elapsed = stopwatch(),
    leastBurst = 1,
    printed = false,
  }: SessionOptions = {},
): Promise<Session | null> {
  const rng = createRng(protocol.seed);
  const order = rng.fork('order');
  const limitMs = 1000 * protocol.maxSeconds * Math.max(1, programs.length);
  const all = reference === undefined ? programs : [...programs, reference];
  const dropped = all.length > 1 ? 1 : 0;
  const length = Math.max(protocol.burst, leastBurst);
  const bursts = all.map((): (readonly number[])[] => []);
  const base = reference === undefined ? null : (bursts.at(-1) ?? null);

  for (const program of all)
    if (!(await warmUp(program, protocol, length, stop, () => elapsed() > limitMs / 3))) return null;

  const stepOf = (index: number): number =>
    Math.max(all[index]?.clockStepMs ?? 0, clockStep((bursts[index] ?? []).flat(), printed));
  let settled = false;
  /** More runs make no interval narrower than the clock's step. */
  let isStepwise = false;
  let lookAt = protocol.minRuns;
  for (let round = 0; !settled && !isStepwise; round++) {
    const left = protocol.maxRuns - round * length;
    if (round > 0 && (left <= 0 || elapsed() > limitMs)) break;
    const count = Math.max(leastBurst, Math.min(length, left));
    for (const index of order.shuffle(all.map((_, i) => i))) {
      if (stop()) return null;
      const times = (await all[index]?.time(count + dropped)) ?? [];
      bursts[index]?.push(times.slice(dropped));
    }
    const runs = (round + 1) * length;
    if (runs < lookAt || round + 1 < LEAST_ROUNDS) continue;
    const narrow = bursts.slice(0, programs.length).map((list, i) => {
      const quick = createRng(`${protocol.seed}/${i}/${round}`);
      const { low, high } = fastDecileInterval(list, base, quick, QUICK);
      const fastDecile = fastDecileMedian(list.flat());
      const width = (high - low) / ((low + high) / 2);
      const step = stepOf(i) / fastDecile;
      return {
        isSettled: Math.max(width, step) <= protocol.precision,
        isDone: width <= Math.max(protocol.precision, step),
      };
    });
    settled = narrow.every(({ isSettled }) => isSettled);
    isStepwise = narrow.every(({ isDone }) => isDone);
    lookAt = 1.25 * runs;
  }
  return {
    networks: programs.map((_, i) =>
      summarise(bursts[i] ?? [], base, settled, protocol.keep, rng.fork(`interval/${i}`), stepOf(i)),
    ),
    reference: base && referenceSession(base, stepOf(programs.length)),
  };
}

function referenceSession(bursts: readonly (readonly number[])[], clockStepMs: number): ReferenceSession {
  const runs = bursts.flat();
  const per = Math.floor(bursts.length / QUARTERS);
  const quarters = Array.from({ length: per === 0 ? 0 : QUARTERS }, (_, k) =>
    fastDecileMedian(bursts.slice(k * per, (k + 1) * per).flat()),
  );
  return Object.freeze({
    medianMs: fastDecileMedian(runs),
    madMs: mad(runs),
    runs: runs.length,
    ...(clockStepMs > 0 ? { clockStepMs } : {}),
    drift: quarters.length === 0 ? 0 : Math.max(...quarters) / Math.min(...quarters) - 1,
  });
}

/** Runs bursts until two medians in a row agree; false when it was stopped. */
async function warmUp(
  program: Timed,
  protocol: Protocol,
  length: number,
  stop: () => boolean,
  late: () => boolean,
): Promise<boolean> {
  let before = Number.NaN;
  for (let runs = 0; runs < protocol.warmupRuns && !late(); runs += length) {
    if (stop()) return false;
    const centre = median(await program.time(length));
    if (Math.abs(centre - before) <= protocol.settle * centre) break;
    before = centre;
  }
  return !stop();
}
