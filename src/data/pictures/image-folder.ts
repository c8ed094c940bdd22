import { realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { messageOf, NasError, type Rng } from '../../core/index.js';
import { missing, type Alive } from '../files.js';
import { entriesOf, type Entry } from './folder-entries.js';
import { passedOver, type PassedOver } from './passed-over.js';
import { kindOfName, partOfName, pictureExtensions, visibleName } from './picture-names.js';
import { stratifiedSplit } from '../split.js';

/** One picture of a folder of classes. */
export interface ImageFile {
  readonly path: string;
  /** Its path below the data set's folder, with slashes: how a study names it. */
  readonly name: string;
  readonly label: number;
}

export interface ImageFolder {
  /** Names of the class folders in Unicode's composed form (NFC), sorted. */
  readonly classes: readonly string[];
  readonly training: readonly ImageFile[];
  /** Pictures of a separate validation part; empty where a share of `training` is to be held out. */
  readonly validation: readonly ImageFile[];
  readonly test: readonly ImageFile[];
  /** What was passed over, one text per reason. */
  readonly passedOver: readonly string[];
  /** Pictures that lie in sub-folders of their class. */
  readonly nested: number;
}

/** Share of the pictures that is cut off for the test where the folder has no part for it. */
const testShare = 0.15;

/**
 * Lists `DIR/<class>/…`, or `DIR/train/<class>/…` with `DIR/test/<class>/…` and `DIR/val/<class>/…` (see
 * `partOfName` for other names of the parts). With both, `val` is the held-out part; alone, it is the test part. Where
 * there is neither, a seeded stratified share of {@link testShare} is cut off for the test. Sub-folders of a class are
 * read with it. Sorted by name, so the same folder and seed give the same parts. Links out of the folder are refused.
 * @param skip names of pictures to leave out
 * @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_CLASSES`, `NAS_DATA_LINK`
 */
export async function listImages(
  directory: string,
  rng: Rng,
  skip: readonly string[] = [],
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
  const over = passedOver();
  const listing: Listing = { root, over, skip: new Set(skip), alive, nested: 0 };
  const parts = await partsOf(listing, directory);
  const { classes, files } = await listClasses(listing, join(root, parts.train), 2);
  const other = async (name: string | undefined): Promise<readonly ImageFile[] | undefined> => {
    if (name === undefined) return undefined;
    const listed = await listClasses(listing, join(root, name), 1);
    requireSameClasses(join(directory, name), listed.classes, parts.train, classes);
    return listed.files;
  };
  const test = await other(parts.test);
  const validation = (await other(parts.validation)) ?? [];
  const rest = { classes, validation, passedOver: over.summary(), nested: listing.nested };
  return test === undefined
    ? { ...cutOff(files, classes.length, rng), ...rest }
    : { training: files, test, ...rest };
}

interface Listing {
  readonly root: string;
  readonly over: PassedOver;
  readonly skip: ReadonlySet<string>;
  readonly alive: Alive;
  nested: number;
}

interface Parts {
  readonly train: string;
  readonly validation: string | undefined;
  readonly test: string | undefined;
}

/** Folders of the parts below the root; a class called `train` is recognised by having no folders. */
async function partsOf({ root, over }: Listing, directory: string): Promise<Parts> {
  const entries = await entriesOf(root, root, passedOver());
  const folders = entries.filter((entry) => entry.folder).map(({ name }) => name);
  const named = (part: ReturnType<typeof partOfName>): string | undefined => {
    const [first, second] = folders.filter((name) => partOfName(name) === part);
    if (first !== undefined && second !== undefined)
      throw badClasses(
        `${directory} has two folders for the same part, ${first} and ${second}`,
        'one folder per part',
        'join them or rename one',
      );
    return first;
  };
  const none = { train: '.', validation: undefined, test: undefined };
  const train = folders.find((name) => partOfName(name) === 'train');
  if (train === undefined) return none;
  if (!(await entriesOf(root, join(root, train), passedOver())).some((entry) => entry.folder)) return none;
  const [, validation, test] = [named('train'), named('validation'), named('test')];
  for (const { name, folder } of entries)
    if (!folder) over.addFile(name);
    else if (partOfName(name) === undefined) over.add(`folder next to the parts (${name})`);
  return test === undefined
    ? { train, validation: undefined, test: validation }
    : { train, validation, test };
}

interface Listed {
  readonly classes: readonly string[];
  readonly files: readonly ImageFile[];
}

function cutOff(
  files: readonly ImageFile[],
  classes: number,
  rng: Rng,
): Pick<ImageFolder, 'training' | 'test'> {
  const split = stratifiedSplit(
    files.map((file) => file.label),
    classes,
    testShare,
    rng,
  );
  const pick = (rows: Int32Array): ImageFile[] =>
    Array.from(rows).flatMap((row) => files.slice(row, row + 1));
  return { training: pick(split.train), test: pick(split.validation) };
}

async function listClasses(listing: Listing, folder: string, least: number): Promise<Listed> {
  const { root, over } = listing;
  const entries = await entriesOf(root, folder, over);
  const folders = entries.filter((entry) => entry.folder);
  for (const { name, folder: is } of entries) if (!is) over.addFile(name);
  const classes = classNames(folder, folders);
  if (classes.length < 2)
    throw badClasses(
      `${folder} has ${classes.length === 0 ? 'no class folder' : `only one class folder, ${classes.map(({ name }) => name).join()}`}`,
      'a folder of pictures for each of two classes or more',
      'put the pictures of each class into a folder of its name; where the classes lie one level deeper, name that folder',
    );
  if (classes.length > 65_536)
    throw badClasses(`${folder} has ${classes.length} class folders`, 'at most 65536', 'join some of them');
  await refuseLevelAbove(root, folder, folders);
  const files: ImageFile[] = [];
  for (const [label, { path }] of classes.entries()) {
    const before = passedOver();
    const pictures = await picturesIn({ ...listing, over: before }, join(folder, path), 0);
    if (pictures.length < least)
      throw badClasses(
        `${join(folder, path)} has ${pictures.length === 0 ? 'no picture' : 'one picture'}${passed(before)}`,
        `${least === 1 ? 'a file' : 'two or more files'} ending in ${pictureExtensions.join(', ')}`,
        'add pictures to the class or take its folder away',
      );
    for (const { name, deep } of pictures) {
      files.push({ path: join(root, name), name, label });
      if (deep) listing.nested++;
    }
    over.addAll(before);
    listing.alive();
  }
  return { classes: classes.map(({ name }) => name), files };
}

function passed(over: PassedOver): string {
  const summary = over.summary();
  return summary.length === 0 ? '' : ` (passed over: ${summary.join(', ')})`;
}

/** Class names in NFC with their folders, sorted by name. */
function classNames(
  folder: string,
  entries: readonly Entry[],
): readonly { readonly name: string; readonly path: string }[] {
  const byName = new Map<string, string>();
  for (const { name: path } of entries) {
    const name = path.normalize('NFC');
    const twin = byName.get(name);
    if (twin !== undefined)
      throw badClasses(
        `${folder} has two folders whose names are the same letters, ${visibleName(twin)} and ${visibleName(path)}`,
        'one folder per class',
        'join the two folders or rename one',
      );
    byName.set(name, path);
  }
  return [...byName].map(([name, path]) => ({ name, path })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Pictures of a class, those in its sub-folders included; linked folders are not followed, since they may lead in circles. */
async function picturesIn(
  listing: Listing,
  folder: string,
  depth: number,
): Promise<readonly { readonly name: string; readonly deep: boolean }[]> {
  const { root, over, skip } = listing;
  const found: { readonly name: string; readonly deep: boolean }[] = [];
  for (const entry of await entriesOf(root, folder, over)) {
    const path = join(folder, entry.name);
    if (entry.folder && entry.link) over.add('links to folders');
    else if (entry.folder && depth >= DEEPEST) over.add(`folders more than ${DEEPEST} levels deep`);
    else if (entry.folder) found.push(...(await picturesIn(listing, path, depth + 1)));
    else if (kindOfName(entry.name) !== 'picture') over.addFile(entry.name);
    else {
      const name = relative(root, path).split(sep).join('/');
      if (!skip.has(name)) found.push({ name, deep: depth > 0 });
    }
  }
  return found;
}

const DEEPEST = 16;

/**
 * Class folders that hold no picture but the same two or more folders are not classes: those folders are
 * (`images/cat`, `images/dog` next to `masks/cat`, `masks/dog`).
 */
async function refuseLevelAbove(root: string, folder: string, classes: readonly Entry[]): Promise<void> {
  const names: string[] = [];
  for (const { name } of classes) {
    const inside = await entriesOf(root, join(folder, name), passedOver());
    const folders = inside.filter((entry) => entry.folder).map((entry) => entry.name);
    if (folders.length < 2 || inside.some((entry) => !entry.folder && kindOfName(entry.name) === 'picture'))
      return;
    names.push(folders.join('\0'));
  }
  if (new Set(names).size !== 1) return;
  const shared = names[0]?.split('\0') ?? [];
  throw badClasses(
    `each folder of ${folder} (${some(classes.map(({ name }) => name))}) has the folders ${some(shared)} and no picture`,
    'pictures in the class folders, or parts called train, val and test',
    `if ${some(shared)} are the classes, name one of ${some(classes.map(({ name }) => `images:${join(folder, name)}`))}`,
  );
}

function requireSameClasses(
  place: string,
  classes: readonly string[],
  train: string,
  wanted: readonly string[],
): void {
  if (classes.join('\0') === wanted.join('\0')) return;
  const lacking = wanted.filter((name) => !classes.includes(name));
  const extra = classes.filter((name) => !wanted.includes(name));
  const differences = [
    ...(lacking.length === 0 ? [] : [`without ${some(lacking)}`]),
    ...(extra.length === 0 ? [] : [`with extra ${some(extra)}`]),
  ];
  throw badClasses(
    `${place} has the classes ${some(classes)}`,
    `those of ${train}/: ${some(wanted)} (it is ${differences.join(' and ')})`,
    'give all parts the same class folders',
  );
}

function badClasses(found: string, expected: string, fix: string): NasError {
  return new NasError({ code: 'NAS_DATA_CLASSES', found, expected, fix });
}

function some(names: readonly string[]): string {
  return names.slice(0, 8).join(', ') + (names.length > 8 ? `, … (${names.length})` : '');
}
