import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NasError } from '../core/index.js';
import type { Artifact } from '../export/index.js';

/**
 * A folder to export to is new, empty, or holds an earlier export of the same files: nothing of the user's is touched.
 * @throws NasError `NAS_FOLDER_IN_USE`
 */
export function requireRoom(folder: string, artifacts: readonly Artifact[]): void {
  if (!existsSync(folder)) return;
  const ours = new Set(artifacts.map(({ path }) => path.split('/')[0]));
  const foreign = readdirSync(folder).find(
    (name) => !ours.has(name) && !/^group1-shard\d+of\d+\.bin$/.test(name),
  );
  if (foreign === undefined) return;
  throw new NasError({
    code: 'NAS_FOLDER_IN_USE',
    found: `${folder} holds other files (${foreign.slice(0, 60)}, …)`,
    expected: 'a new folder, an empty one, or an earlier export',
    fix: 'choose another folder by --out',
  });
}

/** Writes every file beside its place first, then moves them there. @throws NasError `NAS_NOT_WRITABLE` */
export function writeArtifacts(folder: string, artifacts: readonly Artifact[]): void {
  const draft = `${folder}.${process.pid}.new`;
  try {
    for (const { path, bytes } of artifacts) {
      const file = join(draft, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    for (const { path } of artifacts) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      renameSync(join(draft, path), join(folder, path));
    }
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write to ${folder}`,
      fix: 'choose another folder by --out',
      cause,
    });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
