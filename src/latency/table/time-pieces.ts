import type { LatencyRecord } from '../../trials/index.js';
import type { Platform, Surroundings } from '../platform.js';
import { defaultProtocol, type Protocol } from '../protocol.js';
import { CHAIN_LENGTH, chainRunnable, emptyRunnable, runnableOf, startsDense } from './network.js';
import type { LatencyTable, TableEntry } from './table.js';

/** A piece is short and its noise averages out over the pieces of a network: fewer runs than a network gets. */
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

export interface PieceSession {
  readonly lines: ReadonlyMap<string, TableEntry>;
  /** The mean of earlier sessions' empty runs with this one's in it. */
  empty(before: LatencyTable['empty']): LatencyTable['empty'];
}

/**
 * Times pieces beside the empty network and the chain. A run that starts no operation cannot be timed, so its cost is the
 * empty network's less an operation's start, which is an eighth of what the chain takes more: a piece's own operations
 * must keep their starts, or every line is too short by one.
 * @returns null when it was stopped
 */
export async function timePieces(
  keys: readonly string[],
  seed: string,
  { platform, surroundings }: { readonly platform: Platform; readonly surroundings: Surroundings },
): Promise<PieceSession | null> {
  const records = await platform.time(
    [emptyRunnable(), chainRunnable(), ...keys.map(runnableOf)],
    { ...PIECE_PROTOCOL, seed },
    surroundings,
  );
  if (records === null) return null;
  const [empty, chain, ...found] = records;
  if (empty === undefined || chain === undefined || found.length !== keys.length)
    throw new TypeError('a platform gave fewer records than networks');
  const start = Math.max(0, chain.medianMs - empty.medianMs) / CHAIN_LENGTH;
  const runMs = Math.max(0, empty.medianMs - start);
  const lines = keys.map((key, i): [string, TableEntry] => [
    key,
    lineOf(found[i] as LatencyRecord, startsDense(key) ? empty.medianMs : runMs),
  ]);
  return {
    lines: new Map(lines),
    empty: ({ ms, sessions }) => ({ ms: (ms * sessions + runMs) / (sessions + 1), sessions: sessions + 1 }),
  };
}

function lineOf(record: LatencyRecord, less: number): TableEntry {
  const own = (value: number) => Number(Math.max(0, value - less).toPrecision(6));
  return {
    ms: own(record.medianMs),
    lowMs: own(record.lowMs),
    highMs: own(record.highMs),
    runs: record.runs,
  };
}
