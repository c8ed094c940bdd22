import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isStudyName } from '../model/names.js';
import { translating } from './errors.js';
import { STUDY_FILE } from './file.js';

/** What of a runs folder is a study, and what is not. */
export interface RunsFolder {
  /** By name. */
  readonly studies: readonly string[];
  /** By name; hidden files (`.…`) are left out. */
  readonly skipped: readonly Skipped[];
}

export interface Skipped {
  readonly name: string;
  readonly because: 'name' | 'link' | 'not a folder' | 'no database' | 'missing';
  /** A reason that follows the name and a colon: `not a folder`. */
  readonly why: string;
  readonly fix: string;
}

/** Looks through a runs folder; nothing is found where the folder is missing. @throws NasError `NAS_NOT_WRITABLE` */
export function readRunsFolder(runsFolder: string): RunsFolder {
  if (!existsSync(runsFolder)) return { studies: [], skipped: [] };
  const names = translating(runsFolder, () => readdirSync(runsFolder)).sort();
  const looked = names.map((name) => ({ name, skipped: skippedFrom(runsFolder, name) }));
  return {
    studies: looked.flatMap(({ name, skipped }) => (skipped === undefined ? [name] : [])),
    skipped: looked.flatMap(({ name, skipped }) =>
      skipped === undefined || name.startsWith('.') ? [] : [skipped],
    ),
  };
}

/** Names of the studies in a folder, by name; none where the folder is missing. */
export function listStudies(runsFolder: string): readonly string[] {
  return readRunsFolder(runsFolder).studies;
}

/** Why what is called so in a runs folder is no study; undefined for a study. */
export function skippedFrom(runsFolder: string, name: string): Skipped | undefined {
  const folder = join(runsFolder, name);
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (found === undefined)
    return { name, because: 'missing', why: 'not there', fix: 'nas studies lists the studies' };
  // Two names for one database would be two studies that write into each other.
  if (found.isSymbolicLink())
    return {
      name,
      because: 'link',
      why: 'a symbolic link; a study is a real folder',
      fix: 'move the folder itself here, or name the folder that it lies in with --runs',
    };
  if (!found.isDirectory())
    return { name, because: 'not a folder', why: 'not a folder', fix: 'move it elsewhere' };
  if (!existsSync(join(folder, STUDY_FILE)))
    return {
      name,
      because: 'no database',
      why: `no ${STUDY_FILE} in it`,
      fix: 'move it elsewhere, or put a copy of the file back',
    };
  if (!isStudyName(name))
    return {
      name,
      because: 'name',
      why: 'not a name for a study',
      fix: 'rename the folder: 1 to 64 letters, digits, dots, dashes or underscores, no dot first',
    };
  return undefined;
}
