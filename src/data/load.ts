import type { Examples } from '../backends/index.js';
import { assertNever, createRng, NasError, type Rng } from '../core/index.js';
import { cifar10, loadCifar } from './cifar10.js';
import { sharedRows, takeRows, type DataSet } from './dataset.js';
import type { Alive } from './files.js';
import { fashionMnist, loadIdx } from './fashion-mnist.js';
import { listImages } from './image-folder.js';
import { decodeImages } from './images.js';
import { moments } from './moments.js';
import { checkDataSpec, defaultImageSize, parseDataName, type DataSpec } from './spec.js';
import { stratifiedSample, stratifiedSplit } from './split.js';

/**
 * Loads the training set of a specification, splits it and measures its pixels. Never reads the test set.
 * @param alive called whenever something was read
 * @throws NasError `NAS_UNKNOWN_DATA`, `NAS_BAD_DATA_SPEC`, `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`; for folders of
 *   pictures `NAS_DATA_CLASSES`, `NAS_DATA_LINK`, `NAS_DATA_TOO_LARGE`
 */
export async function loadData(spec: DataSpec, alive: Alive = () => undefined): Promise<DataSet> {
  checkDataSpec(spec);
  const rng = streamOf(spec);
  const { classes, training } = await loadTraining(spec, rng.fork('limit'), alive);
  if (spec.limit !== null && training.count < 2 * classes.length)
    throw new NasError({
      code: 'NAS_BAD_DATA_SPEC',
      found: `a limit of ${training.count} pictures for ${classes.length} classes`,
      expected: 'two pictures or more for each class',
      fix: `raise the limit to ${2 * classes.length} or more`,
    });
  const split = stratifiedSplit(training.labels, classes.length, spec.heldOut, rng.fork('split'));
  return {
    spec,
    name: spec.name,
    shape: training.shape,
    classes,
    training,
    split: { train: sharedRows(split.train), validation: sharedRows(split.validation) },
    ...moments(training, split.train),
    flip: true,
  };
}

/** Reads the test set. For the final evaluation of a retrained network only. @throws NasError as {@link loadData} */
export async function loadTest(
  { spec }: Pick<DataSet, 'spec'>,
  alive: Alive = () => undefined,
): Promise<Examples> {
  const name = parseDataName(spec.name);
  switch (name.kind) {
    case 'fashion-mnist':
      return loadIdx(spec.folder, 'test');
    case 'cifar10':
      return loadCifar(spec.folder, 'test');
    case 'images': {
      const { test } = await listImages(name.directory, streamOf(spec).fork('test'), alive);
      return decodeImages(test, spec.size ?? defaultImageSize, alive);
    }
    default:
      return assertNever(name);
  }
}

async function loadTraining(
  spec: DataSpec,
  rng: Rng,
  alive: Alive,
): Promise<{ readonly classes: readonly string[]; readonly training: Examples }> {
  const name = parseDataName(spec.name);
  switch (name.kind) {
    case 'fashion-mnist': {
      const { classes } = fashionMnist;
      return { classes, training: limited(await loadIdx(spec.folder, 'train'), classes, spec.limit, rng) };
    }
    case 'cifar10': {
      const { classes } = cifar10;
      return { classes, training: limited(await loadCifar(spec.folder, 'train'), classes, spec.limit, rng) };
    }
    case 'images': {
      const { classes, training } = await listImages(name.directory, streamOf(spec).fork('test'), alive);
      const labels = training.map((file) => file.label);
      const rows = stratifiedSample(labels, classes.length, spec.limit ?? labels.length, rng);
      const files = Array.from(rows).flatMap((row) => training.slice(row, row + 1));
      return { classes, training: await decodeImages(files, spec.size ?? defaultImageSize, alive) };
    }
    default:
      return assertNever(name);
  }
}

function limited(all: Examples, classes: readonly string[], limit: number | null, rng: Rng): Examples {
  if (limit === null || all.count <= limit) return all;
  return takeRows(all, stratifiedSample(all.labels, classes.length, limit, rng));
}

function streamOf(spec: DataSpec): Rng {
  return createRng(spec.seed).fork('data');
}
