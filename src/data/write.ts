import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { draftOf, messageOf, moveInto, NasError, removeDrafts } from '../core/index.js';

/** The error for a place that cannot be written: `NAS_DATA_FOLDER`. */
export function unwritable(path: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_DATA_FOLDER',
    found: `cannot write ${path} (${messageOf(cause)})`,
    expected: 'a folder that may be written, with room for the data',
    fix: 'free some space or choose another data folder',
    cause,
  });
}

/**
 * Makes a file that appears whole or not at all: `make` fills a temporary file next to it, which then takes its name.
 * The folder is made where it is missing; after any failure the temporary file is removed.
 * @throws NasError `NAS_DATA_FOLDER` when it cannot be written, and what `make` throws
 */
export async function appear(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = draftOf(path);
  await mkdir(dirname(path), { recursive: true }).catch((cause: unknown) => {
    throw unwritable(dirname(path), cause);
  });
  removeDrafts(path);
  try {
    await make(temporary);
    await moveInto(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof NasError) throw error;
    throw isSystemError(error) ? unwritable(path, error) : error;
  }
}

/** {@link appear} for bytes at hand. */
export async function appearBytes(path: string, bytes: Uint8Array): Promise<void> {
  await appear(path, (temporary) => writeFile(temporary, bytes));
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
