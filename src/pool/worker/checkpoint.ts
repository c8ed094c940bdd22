import { readdirSync, rmSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NasError, messageOf, moveInto, readPlainFile } from '../../core/index.js';

const PARTIAL = '.partial';

/** Removes what killed hosts had written of their checkpoints; no host may be writing into the folder. */
export function sweepCheckpoints(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith('.') && name.endsWith(PARTIAL)) rmSync(join(folder, name), { force: true });
}

/**
 * Writes a checkpoint whole or not at all: into a hidden file next to it, flushed, then renamed over the name.
 * @param name checked by the job's schema: a plain file name
 */
export async function writeCheckpoint(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const partial = join(folder, `.${name}.${process.pid}${PARTIAL}`);
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
