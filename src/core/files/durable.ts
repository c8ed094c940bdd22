import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { draftOf, removeDrafts } from './draft.js';
import { requirePlainFile } from './plain-file.js';

/**
 * Writes a file whole or not at all: into a file next to it, flushed to the disk, then renamed over it. However
 * the process ends, and after a power cut, either the earlier file lies there or the new one. A device or
 * a pipe is not replaced. @throws NasError `NAS_NOT_A_FILE`; what the system throws
 */
export function writeWhole(path: string, data: string | Uint8Array): void {
  // Renaming refuses a folder by itself, and would put a file in the place of anything else.
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) requirePlainFile(path);
  removeDrafts(path);
  const draft = draftOf(path);
  try {
    writeFileSync(draft, data);
    moveIntoSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Renames a written file (or folder) to its place once it is on the disk, and makes the new name last as well. */
export function moveIntoSync(draft: string, path: string): void {
  flushSync(draft);
  renameSync(draft, path);
  flushFolderSync(dirname(path));
}

/** As {@link moveIntoSync}. */
export async function moveInto(draft: string, path: string): Promise<void> {
  await flush(draft);
  await rename(draft, path);
  await flush(dirname(path)).catch(() => undefined);
}

/** Makes renames in a folder outlive a power cut, where its file system can. */
export function flushFolderSync(folder: string): void {
  try {
    flushSync(folder);
  } catch {
    // Some file systems flush no folders; their names are then as safe as they make them.
  }
}

function flushSync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
