import { createRng, NasError, type Rng } from '../../core/index.js';
import type { Split } from '../dataset.js';
import type { Alive } from '../files.js';
import { listImages, type ImageFile, type ImageFolder } from './image-folder.js';
import type { DataSpec } from '../spec.js';
import { leastLimit, leastPerClass, rowsByClass, stratifiedSample, stratifiedSplit } from '../split.js';

/** The pictures of `images:DIR` as a specification uses them. */
export interface ImageParts {
  readonly folder: ImageFolder;
  /** Training and held-out pictures, in the order of the rows. */
  readonly training: readonly ImageFile[];
  readonly split: Split;
  readonly test: readonly ImageFile[];
  /** What the limit leaves out. */
  readonly unused: readonly ImageFile[];
}

/** The stream of everything random about a specification's data. */
export function streamOf({ seed }: DataSpec): Rng {
  return createRng(seed).fork('data');
}

/**
 * Lists a folder and divides it: which pictures teach, which are held out, which are for the test.
 * @throws NasError as `listImages`; `NAS_BAD_DATA_SPEC` for a limit that is too small
 */
export async function imageParts(spec: DataSpec, directory: string, alive?: Alive): Promise<ImageParts> {
  const rng = streamOf(spec);
  const folder = await listImages(directory, rng.fork('test'), spec.skip, alive);
  const classes = folder.classes.length;
  const own = folder.validation.length > 0;
  const all = [...folder.training, ...folder.validation];
  // A separate validation part is limited like separate classes, so that both parts keep every class.
  const groups = all.map(({ label }, row) => label + (row < folder.training.length ? 0 : classes));
  const floors = Array.from({ length: own ? 2 * classes : classes }, (_, group) =>
    own ? (group < classes ? leastPerClass - 1 : 1) : leastPerClass,
  );
  const rows = limitedRows(groups, floors, classes, spec.limit, rng.fork('limit'));
  const taken = new Set(rows);
  const training = Array.from(rows).flatMap((row) => all.slice(row, row + 1));
  const split = own
    ? splitAt(rows, folder.training.length)
    : stratifiedSplit(
        training.map(({ label }) => label),
        classes,
        spec.heldOut,
        rng.fork('split'),
      );
  return { folder, training, split, test: folder.test, unused: all.filter((_, row) => !taken.has(row)) };
}

/**
 * The rows that a limit leaves, every class kept in every part.
 * @param floors least rows per group
 * @throws NasError `NAS_BAD_DATA_SPEC` that names the least limit that works
 */
export function limitedRows(
  groups: ArrayLike<number>,
  floors: readonly number[],
  classes: number,
  limit: number | null,
  rng: Rng,
): Int32Array {
  const counts = rowsByClass(groups, floors.length).map((rows) => rows.length);
  const least = leastLimit(counts, floors);
  if (limit !== null && limit < least && limit < groups.length)
    throw new NasError({
      code: 'NAS_BAD_DATA_SPEC',
      found: `a limit of ${limit} pictures for ${classes} classes`,
      expected: 'two training pictures and a held-out one of each class (all of a class that has fewer)',
      fix: `raise the limit to ${least} or more`,
    });
  return stratifiedSample(groups, floors.length, limit ?? groups.length, rng, floors);
}

/** Rows of the chosen pictures, divided where the second part of the whole list begins. */
function splitAt(chosen: Int32Array, from: number): Split {
  const at = chosen.findIndex((row) => row >= from);
  const first = at === -1 ? chosen.length : at;
  const rows = Int32Array.from(chosen, (_, index) => index);
  return { train: rows.slice(0, first), validation: rows.slice(first) };
}
