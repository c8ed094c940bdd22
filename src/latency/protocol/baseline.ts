import { linkSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  draftOf,
  flushFolderSync,
  messageOf,
  NasError,
  readPlainFileSync,
  removeDrafts,
  writeWhole,
} from '../../core/index.js';
import { fingerprintDigest, type Fingerprint } from '../platform/fingerprint.js';

/** What the reference network took in the first session on a device; all later ones are put on its scale. */
export interface Baseline {
  /** Median of the fastest tenth of runs, ms. */
  readonly medianMs: number;
  readonly runs: number;
}

const schema = z.object({
  version: z.literal(1),
  fingerprint: z.string(),
  medianMs: z.number().positive(),
  runs: z.int().min(1),
});

const FILE = 'reference.json';

/** The folder of what is known of a device, below `root`. */
export function deviceFolder(root: string, fingerprint: Fingerprint): string {
  const name = fingerprint.platform.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 40);
  return join(root, `${name}-${fingerprintDigest(fingerprint)}`);
}

/**
 * The baseline of that device; undefined when there is none.
 * @throws NasError `NAS_BAD_REFERENCE` for a file that is not one of ours
 */
export function readBaseline(root: string, fingerprint: Fingerprint): Baseline | undefined {
  const path = join(deviceFolder(root, fingerprint), FILE);
  let text: string;
  try {
    text = readPlainFileSync(path).toString();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unusable(path, messageOf(cause), cause);
  }
  const found = schema.safeParse(parse(text));
  if (!found.success) throw unusable(path, 'not a baseline of the reference network');
  if (found.data.fingerprint !== fingerprintDigest(fingerprint))
    throw unusable(path, 'the reading of another device');
  const { medianMs, runs } = found.data;
  return { medianMs, runs };
}

/**
 * Keeps a baseline, whole or not at all. Of several concurrent writers the first one's stays, and all get it.
 * @throws NasError `NAS_NOT_WRITABLE`, `NAS_BAD_REFERENCE`
 */
export function keepBaseline(root: string, fingerprint: Fingerprint, reading: Baseline): Baseline {
  const folder = deviceFolder(root, fingerprint);
  const { medianMs, runs } = reading;
  const content = { version: 1, fingerprint: fingerprintDigest(fingerprint), medianMs, runs };
  const place = join(folder, FILE);
  const draft = draftOf(place);
  try {
    mkdirSync(folder, { recursive: true });
    removeDrafts(place);
    writeWhole(join(folder, 'device.json'), `${JSON.stringify(fingerprint, null, 2)}\n`);
    writeWhole(draft, `${JSON.stringify(content, null, 2)}\n`);
    try {
      linkSync(draft, place);
      flushFolderSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write below ${root}: ${messageOf(cause)}`,
      fix: 'set NAS_LATENCY to a folder that can be written',
      cause,
    });
  }
  return readBaseline(root, fingerprint) ?? reading;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unusable(path: string, found: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_BAD_REFERENCE',
    found: `${path}: ${found}`,
    fix: `rm ${path}; latencies measured before and after then stand on different scales`,
    cause,
  });
}
