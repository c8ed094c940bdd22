import { median } from '../../../core/index.js';
import type { Pair } from '../prediction-error.js';
import type { MeasuredNetwork, TableEntry } from '../table.js';

/** Sessions per entry of a table: by as much as two of one network differ, no table can do better. */
export const SESSIONS = 2;

/** A latency of one or more sessions, ms; of each in `sessionsMs`, which tables of version 1 lack. */
export type Reading = TableEntry;
type Session = Omit<Reading, 'sessionsMs'>;

/**
 * A reading with one more session: the latency is the median of its sessions, the interval holds all of theirs, so that
 * what sessions disagree about counts less where something is fitted to it.
 */
export function withReading(before: Reading | undefined, now: Session): Reading {
  if (before === undefined) return { ...now, sessionsMs: [now.ms] };
  const sessionsMs = [...(before.sessionsMs ?? [before.ms]), now.ms];
  return {
    ms: median(sessionsMs),
    lowMs: Math.min(before.lowMs, now.lowMs),
    highMs: Math.max(before.highMs, now.highMs),
    runs: before.runs + now.runs,
    sessionsMs,
  };
}

export function sessionsOf(reading: Reading | undefined): number {
  return reading === undefined ? 0 : (reading.sessionsMs?.length ?? 1);
}

/** A measured network as a reading, to be joined with one more session. */
export function readingOf(network: MeasuredNetwork | undefined): Reading | undefined {
  if (network === undefined) return undefined;
  const { medianMs, lowMs, highMs, runs, sessionsMs = [medianMs] } = network;
  return { ms: medianMs, lowMs, highMs, runs, sessionsMs };
}

/** The second session of each network as a prediction of its first; networks with one session have none. */
export function repeatedPairs(networks: readonly MeasuredNetwork[]): readonly Pair[] {
  return networks.flatMap(({ sessionsMs: [measuredMs, predictedMs] = [] }) =>
    measuredMs === undefined || predictedMs === undefined ? [] : [{ measuredMs, predictedMs }],
  );
}
