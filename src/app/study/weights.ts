import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { NasError, now, requirePlainFile } from '../../core/index.js';
import type { TrialReader, TrialStore } from '../../trials/index.js';
import { keptFiles } from './kept-files.js';
import { ownPath } from './own-path.js';

/** What `nas prune` notes in a study. */
const prunedSchema = z.object({
  /** Milliseconds since 1970, of the last time. */
  at: z.number(),
  /** Names of all files that were ever dropped. */
  files: z.array(z.string()),
});
type Pruned = z.infer<typeof prunedSchema>;

const NOTE = 'pruned';

export function prunedOf(reader: TrialReader): Pruned | undefined {
  return prunedSchema.safeParse(reader.noted(NOTE)).data;
}

export function notePruned(store: TrialStore, pruned: Pruned): void {
  store.note(NOTE, pruned);
}

/** Milliseconds since 1970 of the first search that dropped the weights of dominated trials. */
const DROPPING_NOTE = 'dropping';

/** To be noted before a search drops anything: once, since naming each file with each trial would be quadratic. */
export function noteDropping(store: TrialStore): void {
  if (store.noted(DROPPING_NOTE) === undefined) store.note(DROPPING_NOTE, now());
}

/** Whether a search, not a user, has dropped a file that is missing: then nothing needs it. */
function droppedBySearch(reader: TrialReader, name: string): boolean {
  return typeof reader.noted(DROPPING_NOTE) === 'number' && !keptFiles(reader).has(name);
}

/**
 * Where the weights of a trial lie.
 * @param folder the study's
 * @throws NasError `NAS_WEIGHTS_PRUNED` when `nas prune` or a search with `--keep frontier` dropped them, `NAS_NO_WEIGHTS` when they are missing otherwise
 */
export function weightsFile(folder: string, reader: TrialReader, checkpoint: string, trial: number): string {
  const name = basename(checkpoint);
  const file = ownPath(folder, 'checkpoints', name);
  if (existsSync(file)) {
    requirePlainFile(file);
    return file;
  }
  const { name: study } = reader.study;
  const again = `nas retrain ${trial} --study ${study} trains it again and keeps new weights`;
  const pruned = prunedOf(reader);
  const by =
    pruned?.files.includes(name) === true
      ? `nas prune on ${new Date(pruned.at).toISOString().slice(0, 10)}`
      : droppedBySearch(reader, name)
        ? 'the search (--keep frontier)'
        : undefined;
  if (by !== undefined) {
    throw new NasError({
      code: 'NAS_WEIGHTS_PRUNED',
      found: `the weights of trial ${trial} were dropped by ${by}`,
      expected: 'a trial of nas frontier, whose weights are kept',
      fix: `${again}; nas replay ${trial} --study ${study} only checks its result`,
    });
  }
  throw new NasError({
    code: 'NAS_NO_WEIGHTS',
    found: `the weights of trial ${trial} (${file}) are missing`,
    fix: again,
  });
}
