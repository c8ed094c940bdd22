import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { NasError } from '../errors.js';

/** Opening a pipe without a writer waits for ever; with this it does not. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/** What a path leads to that is no plain file; undefined for one. */
export function otherThanFile(found: Stats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

/**
 * Refuses what is there and is no plain file; a missing file passes. A pipe or a device may never end, and opening one
 * may wait for ever. @throws NasError `NAS_NOT_A_FILE`
 */
export function requirePlainFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) requirePlain(path, found);
}

/** Opens a plain file for reading. @throws NasError `NAS_NOT_A_FILE`; what the system throws */
export function openPlainFile(path: string): number {
  requirePlain(path, statSync(path));
  const file = openSync(path, READ);
  try {
    // It may have been replaced since.
    requirePlain(path, fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** All of a plain file. @throws as {@link openPlainFile} */
export function readPlainFileSync(path: string): Buffer {
  const file = openPlainFile(path);
  try {
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/** As {@link readPlainFileSync}. */
export async function readPlainFile(path: string): Promise<Buffer> {
  requirePlain(path, await stat(path));
  await using file = await open(path, READ);
  requirePlain(path, await file.stat());
  return await file.readFile();
}

function requirePlain(path: string, found: Stats): void {
  const other = otherThanFile(found);
  if (other === undefined) return;
  throw new NasError({
    code: 'NAS_NOT_A_FILE',
    found: `${path} is ${other}`,
    expected: 'a plain file',
    fix: 'save what it gives in a file first, or give another path',
  });
}
