import { createRng, median, stopwatch } from '../core/index.js';
import { relativeWidth, summarise, type Measured } from './measured.js';
import type { Protocol } from './protocol.js';

/** Anything that can be timed: runs `count` times and returns each run's time in ms. */
export interface Timed {
  time(count: number): readonly number[] | Promise<readonly number[]>;
}

/**
 * Times several programs in one session: rounds of one burst each, in an order shuffled anew every round, so that
 * a drift of the machine meets all alike. For the same reason all go on until each interval is narrow enough.
 * With more than one program the first run of every burst is not counted: it finds the other's data in the caches.
 * @param stop asked between bursts; true ends the session
 * @param elapsed milliseconds since the session began; a stopwatch unless given
 * @returns results in the order of `programs`, or null when it was stopped
 */
export async function timeInterleaved(
  programs: readonly Timed[],
  protocol: Protocol,
  stop: () => boolean = () => false,
  elapsed: () => number = stopwatch(),
): Promise<readonly Measured[] | null> {
  const rng = createRng(protocol.seed);
  const order = rng.fork('order');
  const limitMs = 1000 * protocol.maxSeconds * programs.length;
  const dropped = programs.length > 1 ? 1 : 0;
  const samples = programs.map((): number[] => []);

  for (const program of programs)
    if (!(await warmUp(program, protocol, stop, () => elapsed() > limitMs / 3))) return null;

  let settled = false;
  let lookAt = protocol.minRuns;
  for (let round = 0; !settled; round++) {
    const left = protocol.maxRuns - round * protocol.burst;
    if (round > 0 && (left <= 0 || elapsed() > limitMs)) break;
    const count = Math.min(protocol.burst, Math.max(1, left));
    for (const index of order.shuffle(programs.map((_, i) => i))) {
      if (stop()) return null;
      const times = (await programs[index]?.time(count + dropped)) ?? [];
      samples[index]?.push(...times.slice(dropped));
    }
    const runs = (round + 1) * protocol.burst;
    if (runs < lookAt) continue;
    settled = samples.every(
      (list, i) => relativeWidth(list, `${protocol.seed}/${i}/${round}`) <= protocol.precision,
    );
    lookAt = 1.25 * runs;
  }
  return samples.map((list, i) => summarise(list, settled, protocol.keep, rng.fork(`interval/${i}`)));
}

/** Runs bursts until two medians in a row agree; false when it was stopped. */
async function warmUp(
  program: Timed,
  protocol: Protocol,
  stop: () => boolean,
  late: () => boolean,
): Promise<boolean> {
  let before = Number.NaN;
  for (let runs = 0; runs < protocol.warmupRuns && !late(); runs += protocol.burst) {
    if (stop()) return false;
    const centre = median(await program.time(Math.min(protocol.burst, protocol.warmupRuns - runs)));
    if (Math.abs(centre - before) <= protocol.settle * centre) break;
    before = centre;
  }
  return !stop();
}
