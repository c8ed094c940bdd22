import { z } from 'zod';
import { NasError } from '../../core/index.js';
import { fingerprintDigest, type Fingerprint } from '../../latency/index.js';
import type { Pool } from '../../pool/index.js';
import { devicesOf, readStored, type TrialReader, type TrialStore } from '../../trials/index.js';
import { deviceOf } from '../latency/devices.js';

/** Digests of the devices that a study's latencies are of, in the order of its platforms; older studies have none noted. */
const NOTE = 'devices';
const noteSchema = z.array(z.string()).min(1);

/** The devices of a host, in the order of the study's platforms. */
type HostDevices = Pick<Pool, 'fingerprint' | 'further'>;

/**
 * The devices that a study is timed on: those noted, else, of an earlier version's study, those of its latest trial with a
 * latency. Undefined where nothing was timed yet. Retrained networks do not say it: their latency is their parent's.
 */
export function studyDevices(reader: TrialReader): readonly string[] | undefined {
  const latest = reader.rows({
    ...{ kinds: ['sample', 'proposal', 'netadapt'], maxLatencyMs: Number.MAX_VALUE },
    ...{ sort: 'trial', descending: true, limit: 1 },
  })[0];
  if (latest === undefined) return undefined;
  return readStored(noteSchema, reader.noted(NOTE)) ?? devicesOf(latest);
}

/** From now on the study is timed on these. */
export function noteStudyDevices(store: TrialStore, devices: readonly string[]): void {
  const noted = readStored(noteSchema, store.noted(NOTE));
  if (noted?.join() !== devices.join()) store.note(NOTE, [...devices]);
}

export function digestsOf({ fingerprint, further = [] }: HostDevices): readonly string[] {
  return [fingerprint, ...further].map(fingerprintDigest);
}

/**
 * The same fingerprints, as they would be with that number of threads: a host for one long training has another number of them,
 * which is no other device.
 */
export function withThreads({ fingerprint, further = [] }: HostDevices, threads: number): HostDevices {
  const [first, ...rest] = [fingerprint, ...further].map((one) => ({ ...one, threads }));
  return { fingerprint: first ?? fingerprint, further: rest };
}

/** Whether a host times on the devices `stored`, by their digests. */
export function isSameDevice(stored: readonly string[], host: HostDevices): boolean {
  return digestsOf(host).join() === stored.join();
}

/**
 * The refusal to time a study on other devices than it was timed on.
 * @param latencyFolder where devices are known that older studies do not describe
 */
export function deviceChanged(
  reader: TrialReader,
  stored: readonly string[],
  host: HostDevices,
  latencyFolder: string,
): NasError {
  const { name } = reader.study;
  const now = [host.fingerprint, ...(host.further ?? [])];
  const differing = now.flatMap((one, at) => {
    const then = stored[at];
    if (then === fingerprintDigest(one)) return [];
    const where = now.length === 1 ? '' : `${one.platform}: `;
    if (then === undefined) return [`${where}no device then`];
    return [`${where}${differenceOf(deviceOf(reader, then, latencyFolder), then, one)}`];
  });
  return new NasError({
    code: 'NAS_STUDY_DEVICE',
    found: `study ${name} was timed on another device: ${differing.join('; ')}`,
    expected: 'the device that its latencies are of, since those of different devices do not compare',
    fix:
      'resume where it was timed, or add --new-device: the frontier and the best trial are timed again on this device ' +
      'and the study continues from them',
  });
}

function differenceOf(then: Fingerprint | undefined, digest: string, now: Fingerprint): string {
  if (then === undefined)
    return `fingerprint ${digest.slice(0, 8)} stored, ${fingerprintDigest(now).slice(0, 8)} (${now.deviceName}) found`;
  return differingFields(flat(then), flat(now)).join(', ');
}

type Fields = Readonly<Record<string, unknown>>;

/** Versions as fields of their own, named by what they are of. */
function flat({ versions, ...rest }: Fingerprint): Fields {
  const named = Object.entries(versions).map(([what, version]) => [`${what} version`, version] as const);
  return { ...rest, ...Object.fromEntries(named) };
}

function differingFields(then: Fields, now: Fields): readonly string[] {
  const keys = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  return keys
    .filter((key) => then[key] !== now[key])
    .map((key) => `${key} ${text(then[key])} stored, ${text(now[key])} found`);
}

function text(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value).slice(0, 120);
}
