import { defaultProtocol, type Protocol } from '../../protocol/protocol.js';
import { boundaryOf, type BoundaryOverheads } from './boundaries.js';
import { runnableOf } from '../network.js';
import type { MeasureOptions } from './probe.js';
import type { Reading } from './sessions.js';

/** A segment is short and its noise averages out over the segments of a network: fewer runs than a network gets. */
const PIECE_PROTOCOL: Protocol = Object.freeze({
  ...defaultProtocol,
  warmupRuns: 20,
  minRuns: 60,
  maxRuns: 120,
  maxSeconds: 0.5,
  precision: 0.03,
  repeats: 1,
  repeatsUpTo: 1000,
});

/** Times segments, less their boundary overheads. @returns by key; null when it was stopped */
export async function timeSegments(
  keys: readonly string[],
  seed: string,
  boundaries: BoundaryOverheads,
  { platform, surroundings }: MeasureOptions,
): Promise<ReadonlyMap<string, Reading> | null> {
  const records = await platform.time(keys.map(runnableOf), { ...PIECE_PROTOCOL, seed }, surroundings);
  if (records === null) return null;
  if (records.length !== keys.length) throw new TypeError('a platform gave fewer records than networks');
  return new Map(
    keys.map((key, i) => {
      const { medianMs, lowMs, highMs, runs } = records[i] as (typeof records)[number];
      const less = boundaryOf(key, boundaries);
      const own = (value: number) => Number(Math.max(0, value - less).toPrecision(6));
      return [key, { ms: own(medianMs), lowMs: own(lowMs), highMs: own(highMs), runs }];
    }),
  );
}
