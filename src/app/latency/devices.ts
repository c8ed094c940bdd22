import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseUserJson, readUserText } from '../../core/index.js';
import { fingerprintDigest, fingerprintSchema, type Fingerprint } from '../../latency/index.js';
import type { Pool } from '../../pool/index.js';
import type { TrialReader, TrialStore } from '../../trials/index.js';

/** Key of the note that holds a device in full; latencies have its digest. */
const noteOf = (digest: string): string => `device/${digest}`;
const MOST_BYTES = 1024 * 1024;

/** Keeps with a study on which devices its latencies are measured, so that their digests can be read. */
export function noteDevices(
  store: TrialStore,
  { fingerprint, further = [] }: Pick<Pool, 'fingerprint' | 'further'>,
): void {
  for (const one of [fingerprint, ...further]) {
    const key = noteOf(fingerprintDigest(one));
    if (store.noted(key) === undefined) store.note(key, { ...one });
  }
}

/**
 * The device of a latency's digest: from the study's notes, else, for studies made before those were kept, from the
 * folder of what is known of devices. Undefined where neither knows it.
 */
export function deviceOf(
  reader: TrialReader,
  digest: string,
  latencyFolder: string,
): Fingerprint | undefined {
  return checked(reader.noted(noteOf(digest)), digest) ?? knownDevice(latencyFolder, digest);
}

function knownDevice(folder: string, digest: string): Fingerprint | undefined {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return undefined;
  }
  for (const name of names) {
    if (!name.endsWith(`-${digest}`)) continue;
    const text = readUserText(join(folder, name, 'device.json'), MOST_BYTES);
    const read = 'value' in text ? parseUserJson(text.value) : text;
    const found = 'value' in read ? checked(read.value, digest) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A fingerprint of that digest and no other. */
function checked(value: unknown, digest: string): Fingerprint | undefined {
  const parsed = fingerprintSchema.safeParse(value);
  return parsed.success && fingerprintDigest(parsed.data) === digest ? parsed.data : undefined;
}
