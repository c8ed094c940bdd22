import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import { messageOf, NasError } from '../../core/index.js';
import { missing } from '../files.js';
import type { PassedOver } from './passed-over.js';
import { isSystemName } from './picture-names.js';

export interface Entry {
  readonly name: string;
  readonly folder: boolean;
  /** A symbolic link; it stays within the data set. */
  readonly link: boolean;
}

/**
 * Files and folders in a folder of the data set, by name in code point order. Hidden ones and those that systems leave
 * are passed over, as are names that are not UTF-8 and what is neither file nor folder.
 * @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_LINK`
 */
export async function entriesOf(root: string, folder: string, over: PassedOver): Promise<readonly Entry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw missing(
      `cannot list ${folder} (${messageOf(cause)})`,
      'a readable folder',
      'check its rights',
      cause,
    );
  });
  const entries: Entry[] = [];
  for (const entry of found) {
    const kind = isSystemName(entry.name) ? 'system' : await kindOf(root, folder, entry);
    if (kind === 'system') over.add('hidden or system file');
    else if (kind === 'other') over.add('neither file nor folder');
    else if (entry.name.includes('\uFFFD') && kind === 'file') over.add('with a name that is not UTF-8');
    else if (entry.name.includes('\uFFFD')) throw notUtf8(folder, entry.name);
    else entries.push({ name: entry.name, folder: kind === 'folder', link: entry.isSymbolicLink() });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function kindOf(root: string, folder: string, entry: Dirent): Promise<'file' | 'folder' | 'other'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  const path = join(folder, entry.name);
  const target = await realpath(path).catch((cause: unknown) => {
    throw missing(`${path} is a link to nothing`, 'a link to a file', 'fix or remove the link', cause);
  });
  const way = relative(root, target);
  if (way.startsWith('..') || isAbsolute(way))
    throw new NasError({
      code: 'NAS_DATA_LINK',
      found: `${path} is a link that leads out of the data set`,
      expected: 'only files below the folder',
      fix: 'copy the file into the folder or remove the link',
    });
  const is = await stat(target);
  return is.isDirectory() ? 'folder' : is.isFile() ? 'file' : 'other';
}

function notUtf8(folder: string, name: string): NasError {
  return new NasError({
    code: 'NAS_DATA_CLASSES',
    found: `${folder} has a folder whose name is not UTF-8 (${name})`,
    expected: 'names in UTF-8',
    fix: 'rename the folder (convmv -f latin1 -t utf8 shows and renames such names)',
  });
}
