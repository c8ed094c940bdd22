import type { Examples } from '../../backends/index.js';
import { formatBytes, NasError } from '../../core/index.js';
import { sharedExamples } from '../dataset.js';
import type { Whites } from './deep-pixels.js';
import type { Alive } from '../files.js';
import type { ImageFile } from './image-folder.js';
import { pictureReader } from './picture.js';

/** Bytes all pictures together may take. */
const largestSet = 4 * 2 ** 30;

/** Pictures decoded concurrently. */
const abreast = 8;

/** A picture that cannot be used, and why. */
export interface BrokenPicture {
  readonly file: ImageFile;
  readonly fault: string;
}

export interface DecodedImages {
  /** In the order of the files; broken ones are black. Nothing where pixels were not asked for. */
  readonly examples: Examples | undefined;
  readonly broken: readonly BrokenPicture[];
  /** Damaged files that were decoded anyway, as viewers do. */
  readonly damaged: readonly ImageFile[];
}

/**
 * Decodes pictures to `size` × `size` RGB; see `PictureReader`.
 * @throws NasError `NAS_DATA_BROKEN` naming the pictures, `NAS_DATA_TOO_LARGE`
 */
export async function decodeImages(
  files: readonly ImageFile[],
  size: number,
  whites: Whites = {},
  alive?: Alive,
): Promise<Examples> {
  const { examples, broken } = await examineImages(files, size, whites, true, alive);
  requireWhole(broken, files.length);
  if (examples === undefined) throw new TypeError('pixels were asked for');
  return examples;
}

/**
 * Decodes all pictures and says which are broken and which damaged.
 * @param keep false to check them only
 * @throws NasError `NAS_DATA_TOO_LARGE`
 */
export async function examineImages(
  files: readonly ImageFile[],
  size: number,
  whites: Whites,
  keep = true,
  alive: Alive = () => undefined,
): Promise<DecodedImages> {
  const bytes = files.length * size * size * 3;
  if (keep && bytes > largestSet)
    throw new NasError({
      code: 'NAS_DATA_TOO_LARGE',
      found: `${files.length} pictures of ${size}×${size} take ${formatBytes(bytes)}`,
      expected: `at most ${formatBytes(largestSet)}`,
      fix: 'choose a smaller size or a limit of pictures',
    });
  const reader = await pictureReader();
  const examples = keep ? sharedExamples(files.length, [size, size, 3]) : undefined;
  const broken: BrokenPicture[] = [];
  const damaged: ImageFile[] = [];
  await eachOf(files, abreast, async (file, row) => {
    const picture = await reader.picture(file.path, size, whites);
    if (examples !== undefined) examples.labels[row] = file.label;
    if (picture.fault !== undefined) broken.push({ file, fault: picture.fault });
    else {
      examples?.images.set(picture.pixels, row * size * size * 3);
      if (picture.damage !== null) damaged.push(file);
    }
    alive();
  });
  const byName = (a: ImageFile, b: ImageFile): number => (a.name < b.name ? -1 : 1);
  return { examples, broken: broken.sort((a, b) => byName(a.file, b.file)), damaged };
}

/** Processes each item, `workers` concurrently. */
export async function eachOf<T>(
  items: readonly T[],
  workers: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: workers }, loop));
}

/** @throws NasError `NAS_DATA_BROKEN` that names the first ten of broken pictures, and how many there are */
export function requireWhole(broken: readonly BrokenPicture[], count: number): void {
  const [first] = broken;
  if (first === undefined) return;
  const one = broken.length === 1;
  throw new NasError({
    code: 'NAS_DATA_BROKEN',
    found: one
      ? `${first.file.path}: ${first.fault}`
      : `${broken.length} of ${count} pictures cannot be used: ` +
        listed(broken.map(({ file, fault }) => `${file.path}: ${fault}`)),
    expected: 'pictures that can be decoded',
    fix: `repair or remove the file${one ? '' : 's'}, or continue without ${one ? 'it' : 'them'}: --skip-broken`,
  });
}

/** The first ten of a list, and how many more there are. */
export function listed(texts: readonly string[]): string {
  return texts.slice(0, 10).join('; ') + (texts.length > 10 ? `; … and ${texts.length - 10} more` : '');
}
