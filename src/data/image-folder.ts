import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { extname, isAbsolute, join, relative } from 'node:path';
import { messageOf, NasError, type Rng } from '../core/index.js';
import { missing, type Alive } from './files.js';
import { stratifiedSplit } from './split.js';

/** One picture of a folder of classes. */
export interface ImageFile {
  readonly path: string;
  readonly label: number;
}

export interface ImageFolder {
  /** Names of the class folders, sorted. */
  readonly classes: readonly string[];
  readonly training: readonly ImageFile[];
  readonly test: readonly ImageFile[];
}

/** Share of the pictures that is cut off for the test where the folder has no part for it. */
export const testShare = 0.15;

/** File names that are taken for pictures; others are passed over. */
const extensions: ReadonlySet<string> = new Set('.jpg .jpeg .png .webp .gif .avif .tif .tiff'.split(' '));

const trainNames = ['train', 'training'];
const testNames = ['test', 'testing', 'val', 'valid', 'validation'];

/**
 * Lists `DIR/<class>/…`, or `DIR/train/<class>/…` with `DIR/test/<class>/…` (or `val`, when there is no `test`).
 * Where there is no part for the test, a seeded stratified share of {@link testShare} is cut off. Sorted by name,
 * so the same folder and seed give the same parts. Hidden files are passed over; links out of the folder are refused.
 * @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_CLASSES`, `NAS_DATA_LINK`
 */
export async function listImages(
  directory: string,
  rng: Rng,
  alive: Alive = () => undefined,
): Promise<ImageFolder> {
  const root = await realpath(directory).catch((cause: unknown) => {
    throw missing(
      `cannot open ${directory} (${messageOf(cause)})`,
      'a folder with a folder of pictures per class',
      'check the path behind images:',
      cause,
    );
  });
  const [train, test] = await partsOf(root);
  const training = await listClasses(root, join(root, train), alive);
  if (test === undefined) return cutOff(training, rng);
  const judged = await listClasses(root, join(root, test), alive);
  if (judged.classes.join('\0') !== training.classes.join('\0'))
    throw badClasses(
      `${join(directory, test)} has the classes ${some(judged.classes)}`,
      `those of ${train}/: ${some(training.classes)}`,
      'give both parts the same class folders',
    );
  return { classes: training.classes, training: training.files, test: judged.files };
}

/** Folders of the training and the test part below the root; a class called `train` is told by its having no folders. */
async function partsOf(root: string): Promise<readonly [string, string | undefined]> {
  const names = (await entriesOf(root, root)).filter((entry) => entry.folder).map((entry) => entry.name);
  const train = trainNames.find((name) => names.includes(name));
  if (train === undefined || !(await entriesOf(root, join(root, train))).some((entry) => entry.folder))
    return ['.', undefined];
  return [train, testNames.find((name) => names.includes(name))];
}

interface Listed {
  readonly classes: readonly string[];
  readonly files: readonly ImageFile[];
}

function cutOff({ classes, files }: Listed, rng: Rng): ImageFolder {
  const split = stratifiedSplit(
    files.map((file) => file.label),
    classes.length,
    testShare,
    rng,
  );
  const pick = (rows: Int32Array): ImageFile[] =>
    Array.from(rows).flatMap((row) => files.slice(row, row + 1));
  return { classes, training: pick(split.train), test: pick(split.validation) };
}

async function listClasses(root: string, folder: string, alive: Alive): Promise<Listed> {
  const classes = (await entriesOf(root, folder)).filter((entry) => entry.folder).map((entry) => entry.name);
  if (classes.length < 2)
    throw badClasses(
      `${folder} has ${classes.length === 0 ? 'no class folder' : `one class folder, ${classes.join()}`}`,
      'a folder of pictures for each of two classes or more',
      'put the pictures of each class into a folder of its name',
    );
  if (classes.length > 65_536)
    throw badClasses(`${folder} has ${classes.length} class folders`, 'at most 65536', 'join some of them');
  const files: ImageFile[] = [];
  for (const [label, name] of classes.entries()) {
    const place = join(folder, name);
    const pictures = (await entriesOf(root, place)).filter(
      (entry) => !entry.folder && extensions.has(extname(entry.name).toLowerCase()),
    );
    if (pictures.length < 2)
      throw badClasses(
        `${place} has ${pictures.length === 0 ? 'no picture' : 'one picture'}`,
        `two or more files ending in ${[...extensions].join(', ')}`,
        'add pictures to the class or take its folder away',
      );
    alive();
    for (const picture of pictures) files.push({ path: join(place, picture.name), label });
  }
  return { classes, files };
}

interface Entry {
  readonly name: string;
  readonly folder: boolean;
}

/** Files and folders that are not hidden, by name in code point order. */
async function entriesOf(root: string, folder: string): Promise<readonly Entry[]> {
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
    if (entry.name.startsWith('.')) continue;
    const kind = await kindOf(root, folder, entry);
    if (kind !== 'other') entries.push({ name: entry.name, folder: kind === 'folder' });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function kindOf(root: string, folder: string, entry: Dirent): Promise<'file' | 'folder' | 'other'> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (!entry.isSymbolicLink()) return 'other';
  const path = join(folder, entry.name);
  const target = await realpath(path).catch((cause: unknown) => {
    throw missing(`${path} is a link to nothing`, 'a link to a file', 'mend or remove the link', cause);
  });
  const way = relative(root, target);
  if (way.startsWith('..') || isAbsolute(way))
    throw new NasError({
      code: 'NAS_DATA_LINK',
      found: `${path} is a link that leads out of the data set`,
      expected: 'only files below the folder',
      fix: 'copy the file into the folder or remove the link',
    });
  const inside = await readdir(target).then(
    () => true,
    () => false,
  );
  return inside ? 'folder' : 'file';
}

function badClasses(found: string, expected: string, fix: string): NasError {
  return new NasError({ code: 'NAS_DATA_CLASSES', found, expected, fix });
}

function some(names: readonly string[]): string {
  return names.slice(0, 8).join(', ') + (names.length > 8 ? `, … (${names.length})` : '');
}
