import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { NasError, messageOf, readPlainFile } from '../core/index.js';

const unpack = promisify(gunzip);

/** Called whenever a reader has read something, to distinguish one that still reads from one that hangs. */
export type Alive = () => void;

/** The error for a file whose content is not what it must be: `NAS_DATA_BROKEN`. */
export function broken(
  file: string,
  found: string,
  expected: string,
  fix: string,
  cause?: unknown,
): NasError {
  return new NasError({ code: 'NAS_DATA_BROKEN', found: `${file}: ${found}`, expected, fix, cause });
}

/** The error for data that is not there: `NAS_DATA_MISSING`. */
export function missing(what: string, expected: string, fix: string, cause?: unknown): NasError {
  return new NasError({ code: 'NAS_DATA_MISSING', found: what, expected, fix, cause });
}

export async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}

/** SHA-256 as hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The path of `name` or `name.gz` in a folder, whichever can be read, plain first. */
export async function findFile(folder: string, name: string): Promise<string | undefined> {
  for (const path of [join(folder, name), join(folder, `${name}.gz`)])
    if (await isReadable(path)) return path;
  return undefined;
}

/**
 * The content of `name` or `name.gz` in a folder.
 * @param limit most bytes the content may have once unpacked; a larger one is not unpacked further
 * @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`
 */
export async function readPlain(
  folder: string,
  name: string,
  limit: number,
  fix: string,
): Promise<{ readonly path: string; readonly bytes: Uint8Array }> {
  const path = await findFile(folder, name);
  if (path === undefined) throw missing(`no ${join(folder, name)}`, 'the file, or the same with .gz', fix);
  return { path, bytes: await readUnpacked(path, limit, fix) };
}

/**
 * A file's bytes, unpacked where it is `packed` (by its name, unless given).
 * @throws NasError `NAS_DATA_BROKEN`, `NAS_DATA_MISSING`
 */
export async function readUnpacked(
  path: string,
  limit: number,
  fix: string,
  packed = path.endsWith('.gz'),
): Promise<Uint8Array> {
  const raw = await readPlainFile(path).catch((cause: unknown) => {
    throw missing(`cannot read ${path} (${messageOf(cause)})`, 'a readable file', fix, cause);
  });
  if (!packed) return raw;
  return unpack(raw, { maxOutputLength: limit + 1 }).catch((cause: unknown) => {
    throw broken(
      path,
      `cannot be unpacked (${messageOf(cause)})`,
      `gzip of at most ${limit} bytes`,
      fix,
      cause,
    );
  });
}
