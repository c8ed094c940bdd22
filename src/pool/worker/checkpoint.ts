import { readdirSync, rmSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError, messageOf, moveInto, readPlainFile, runs } from '../../core/index.js';
import { freeBytes, requireRoomFor } from '../disk-space.js';

const PARTIAL = '.partial';

/** Of weights or of a training's state, by the process that writes it and its count; earlier versions named neither. */
const PARTIAL_NAME = /^\.trial-\d+\.(?:weights|training)(?:\.(\d+)(?:-\d+)?)?\.partial$/;

/**
 * Whether a name in a checkpoints folder is that of a half-written file whose writer has ended. One whose writer's number
 * now belongs to another process is left for later.
 */
export function isStalePartial(name: string): boolean {
  const match = PARTIAL_NAME.exec(name);
  return match !== null && (match[1] === undefined || !runs(Number(match[1])));
}

/** Removes what killed hosts had written of their checkpoints; one that still ends keeps its own. */
export function sweepCheckpoints(folder: string): void {
  for (const name of readdirSync(folder))
    if (isStalePartial(name)) rmSync(join(folder, name), { force: true });
}

/** Several of one name may be written at a time: what proposals of one parent start from. */
let drafts = 0;

/**
 * Writes a checkpoint whole or not at all: into a hidden file next to it, flushed, then renamed over the name. Nothing is
 * written where the disk lacks room for all of it.
 * @param name checked by the job's schema: a plain file name
 * @throws NasError `NAS_DISK_FULL`, which is waited out
 */
export async function writeCheckpoint(
  folder: string,
  name: string,
  bytes: Uint8Array,
  free: (folder: string) => number = freeBytes,
): Promise<void> {
  requireRoomFor(folder, name, bytes.length, free);
  const partial = join(folder, `.${name}.${process.pid}-${++drafts}${PARTIAL}`);
  try {
    await writeFile(partial, bytes);
    await moveInto(partial, join(folder, name));
  } catch (error) {
    await unlink(partial).catch(() => undefined);
    throw error;
  }
}

/** @throws NasError `NAS_NO_CHECKPOINT` when the file cannot be read */
export async function readCheckpoint(folder: string, name: string): Promise<Uint8Array> {
  try {
    return await readPlainFile(join(folder, name));
  } catch (error) {
    throw new NasError({
      code: 'NAS_NO_CHECKPOINT',
      found: `checkpoint ${name} cannot be read: ${messageOf(error)}`,
      expected: "a file in the study's checkpoints folder",
      cause: error,
    });
  }
}
