import type { LatencyRecord } from '../schema/index.js';
import type { TrialRow } from './row.js';

/** What a row or a record says of the devices that it was timed on. */
type OnDevices = Pick<TrialRow, 'fingerprint' | 'also'> | Pick<LatencyRecord, 'fingerprint' | 'also'>;

/** Digests of the fingerprints of all devices that a latency is of, in the order of the study's platforms; empty without one. */
export function devicesOf({ fingerprint, also }: OnDevices): readonly string[] {
  return fingerprint === null ? [] : [fingerprint, ...(also ?? []).map((one) => one.fingerprint)];
}

export function isOnDevices(latency: OnDevices, devices: readonly string[]): boolean {
  return devicesOf(latency).join() === devices.join();
}

/** Trials are compared within one source of latencies and the same device on every platform. */
export function deviceGroup(row: Pick<TrialRow, 'latencySource' | 'fingerprint' | 'also'>): string {
  return `${row.latencySource ?? ''} ${devicesOf(row).join()}`;
}

/**
 * Whether a row was not sampled by the search but is an earlier trial timed again on another device: a sample of the
 * search has no parent.
 */
export function isTimedAgain({ kind, parent }: Pick<TrialRow, 'kind' | 'parent'>): boolean {
  return kind === 'sample' && parent !== null;
}
