import { lstatSync } from 'node:fs';
import { NasError, requirePlainFile } from '../../core/index.js';

/** The database of a study, in its folder. */
export const STUDY_FILE = 'trials.sqlite';

/**
 * A file of a study's database, or its lock, that is there as a plain file; a missing one passes. SQLite would follow a
 * link, and two names for one database are two studies that write into each other.
 * @throws NasError `NAS_STUDY_LINK`, `NAS_NOT_A_FILE`
 */
export function requireOwnFile(path: string): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isSymbolicLink() !== true) return requirePlainFile(path);
  throw new NasError({
    code: 'NAS_STUDY_LINK',
    found: `${path} is a symbolic link`,
    expected: 'the file itself',
    fix: 'remove the link; move the whole folder of the study here, or name the folder it lies in with --runs',
  });
}
