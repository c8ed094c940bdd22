import type { Shape } from '../../space/index.js';
import type { Step } from './key.js';
import { runnableOfPiece } from './network.js';
import { timeTwice, type MeasureOptions } from './probe.js';
import type { LatencyTable } from './table.js';

/**
 * What so many weights in one network cost more than in pieces that are timed alone, over and over, with all of theirs in
 * the nearest cache. Beyond its size each run reads them from farther away: on a processor with 2 MiB of it, 8 MB of
 * weights cost 0.25 ms more, a quarter of such a network.
 */
export type Crowding = NonNullable<LatencyTable['crowding']>;

const INPUT: Shape = [2, 2, 64];
const STEP: Step = { op: 'conv', kernel: 3, stride: 1, channels: INPUT[2], activation: 're' };
const PARAMS = 9 * INPUT[2] ** 2;
/** Layers of each chain: 147 KB of weights to 8.3 MB. */
const LENGTHS = [1, 2, 4, 7, 10, 14, 20, 28, 40, 56] as const;
/** Chains whose weights stay in a cache, by which a layer's time is told. */
const HOT = [1, 2, 4];

/**
 * Times chains of equal layers, each longer than the one before. A layer more takes the same until the weights outgrow
 * the cache; what a chain takes beyond that is the cost of its weights. Where it is no more than the noise of a layer's
 * time, times the layers, it counts as less, down to nothing.
 * @returns null when it was stopped
 */
export async function measureCrowding(seed: string, options: MeasureOptions): Promise<Crowding | null> {
  const times = await timeTwice(
    LENGTHS.map((length) => runnableOfPiece({ input: INPUT, steps: Array.from({ length }, () => STEP) })),
    `${seed}/crowding`,
    options,
  );
  if (times === null) return null;
  const byLength = new Map(LENGTHS.map((length, i) => [length, times[i]]));
  const [first, ...hot] = HOT.map((length) => ({ length, ...byLength.get(length as 1) }));
  const start = first?.ms ?? 0;
  const slopes = hot.map(({ length, ms = 0 }) => Math.max(0, ms - start) / (length - 1));
  const slope = Math.min(...slopes);
  const unsure =
    Math.hypot(...[first, hot.at(-1)].map((one) => halfWidth(one))) / ((hot.at(-1)?.length ?? 2) - 1);
  let least = 0;
  return LENGTHS.map((length, i) => {
    const more = (times[i]?.ms ?? 0) - start - slope * (length - 1);
    const noise = unsure * (length - 1);
    least = Math.max(least, more > noise ? more * (1 - (noise / more) ** 2) : 0);
    return { params: length * PARAMS, ms: least };
  });
}

function halfWidth(one: { readonly lowMs?: number; readonly highMs?: number } | undefined): number {
  return ((one?.highMs ?? 0) - (one?.lowMs ?? 0)) / 2;
}

/**
 * ms that a network's weights cost beyond what its pieces tell.
 * @param pieces parameters of each of its pieces: what their own weights cost alone is in their lines
 */
export function crowdedMs(crowding: Crowding, params: number, pieces: readonly number[]): number {
  const alone = pieces.reduce((sum, own) => sum + at(crowding, own), 0);
  return Math.max(0, at(crowding, params) - alone);
}

/** Along straight lines between what was timed, from nothing on, and on along the last. */
function at(crowding: Crowding, params: number): number {
  let before = { params: 0, ms: 0 };
  let [from, to] = [before, before];
  for (const point of crowding) {
    [from, to] = [before, point];
    if (params <= point.params) break;
    before = point;
  }
  if (to.params === from.params) return 0;
  return from.ms + ((to.ms - from.ms) * (params - from.params)) / (to.params - from.params);
}
