import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  orphanedDrafts,
  draftOf,
  moveIntoSync,
  NasError,
  removeDrafts,
  writeWhole,
} from '../../core/index.js';
import type { Artifact } from '../../export/index.js';

/**
 * A folder to export to is new, empty, or holds an earlier export of the same files: nothing of the user's is touched.
 * @throws NasError `NAS_FOLDER_IN_USE`
 */
export function requireRoom(folder: string, artifacts: readonly Artifact[]): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory())
    throw new NasError({
      code: 'NAS_FOLDER_IN_USE',
      found: `${folder} is a file`,
      expected: 'a new folder, an empty one, or an earlier export',
      fix: 'choose another folder with --out',
    });
  const ours = new Set(artifacts.map(({ path }) => path.split('/')[0]));
  const foreign = readdirSync(folder).find(
    (name) => !ours.has(name) && !/^group1-shard\d+of\d+\.bin$/.test(name),
  );
  if (foreign === undefined) return;
  throw new NasError({
    code: 'NAS_FOLDER_IN_USE',
    found: `${folder} holds other files (${foreign.slice(0, 60)}, …)`,
    expected: 'a new folder, an empty one, or an earlier export',
    fix: 'choose another folder with --out',
  });
}

/**
 * Writes every file into a folder next to its place, flushes them, and renames that folder: however the process ends, a
 * whole export lies there or none. An earlier export is replaced as a whole. @throws NasError `NAS_NOT_WRITABLE`
 */
export function writeArtifacts(folder: string, artifacts: readonly Artifact[]): void {
  const place = resolve(folder);
  const draft = draftOf(place);
  try {
    putBack(place);
    removeDrafts(place);
    for (const { path, bytes } of artifacts) {
      const file = join(draft, path);
      mkdirSync(dirname(file), { recursive: true });
      writeWhole(file, bytes);
    }
    if (mustStay(place)) fill(place, draft, artifacts);
    else replace(place, draft);
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write to ${folder}`,
      fix: 'choose another folder with --out',
      cause,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** A process that was killed between its two renames left the earlier export next to its place. */
function putBack(place: string): void {
  const earlier = orphanedDrafts(place).find((name) => name.endsWith('.old'));
  if (earlier !== undefined && !existsSync(place)) renameSync(earlier, place);
}

/** The working folder and a link to a folder elsewhere are filled, not replaced by another folder. */
function mustStay(place: string): boolean {
  const there = lstatSync(place, { throwIfNoEntry: false });
  return there !== undefined && (place === process.cwd() || there.isSymbolicLink());
}

function fill(place: string, draft: string, artifacts: readonly Artifact[]): void {
  for (const { path } of artifacts) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    moveIntoSync(join(draft, path), join(place, path));
  }
}

function replace(place: string, draft: string): void {
  const earlier = draftOf(place, 'old');
  const existed = existsSync(place);
  if (existed) renameSync(place, earlier);
  try {
    moveIntoSync(draft, place);
  } catch (error) {
    if (existed) renameSync(earlier, place);
    throw error;
  }
  rmSync(earlier, { recursive: true, force: true });
}
