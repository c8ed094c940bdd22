import type { Examples } from '../backends/index.js';
import { assertNever } from '../core/index.js';
import { cifar10, loadCifar } from './sets/cifar10.js';
import { sharedRows, takeRows, type DataSet, type Split } from './dataset.js';
import type { Alive } from './files.js';
import { fashionMnist, loadIdx } from './sets/fashion-mnist.js';
import { decodeImages } from './pictures/images.js';
import { moments } from './moments.js';
import { imageParts, limitedRows, streamOf } from './pictures/parts.js';
import { checkDataSpec, defaultImageSize, parseDataName, type DataSpec } from './spec.js';
import { leastPerClass, stratifiedSplit } from './split.js';

/**
 * Loads the training set of a specification, splits it and measures its pixels. Never reads the test set.
 * @param alive called whenever something was read
 * @throws NasError `NAS_UNKNOWN_DATA`, `NAS_BAD_DATA_SPEC`, `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`; for folders of
 *   pictures `NAS_DATA_CLASSES`, `NAS_DATA_LINK`, `NAS_DATA_TOO_LARGE`
 */
export async function loadData(spec: DataSpec, alive?: Alive): Promise<DataSet> {
  checkDataSpec(spec);
  return dataSetOf(spec, await loadTraining(spec, alive));
}

/** The training pictures of a specification, with what they are divided into. */
export interface Training {
  readonly classes: readonly string[];
  readonly training: Examples;
  readonly split: Split;
}

/** Training pictures with what is measured of them. */
export function dataSetOf(spec: DataSpec, { classes, training, split }: Training): DataSet {
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
export async function loadTest({ spec }: Pick<DataSet, 'spec'>, alive?: Alive): Promise<Examples> {
  const name = parseDataName(spec.name);
  switch (name.kind) {
    case 'fashion-mnist':
      return loadIdx(spec.folder, 'test');
    case 'cifar10':
      return loadCifar(spec.folder, 'test');
    case 'images': {
      const { test } = await imageParts(spec, name.directory, alive);
      return decodeImages(test, spec.size ?? defaultImageSize, spec.whites, alive);
    }
    default:
      return assertNever(name);
  }
}

async function loadTraining(spec: DataSpec, alive: Alive | undefined): Promise<Training> {
  const name = parseDataName(spec.name);
  switch (name.kind) {
    case 'fashion-mnist':
      return limited(await loadIdx(spec.folder, 'train'), fashionMnist.classes, spec);
    case 'cifar10':
      return limited(await loadCifar(spec.folder, 'train'), cifar10.classes, spec);
    case 'images': {
      const { folder, training, split } = await imageParts(spec, name.directory, alive);
      const examples = await decodeImages(training, spec.size ?? defaultImageSize, spec.whites, alive);
      return { classes: folder.classes, training: examples, split };
    }
    default:
      return assertNever(name);
  }
}

function limited(all: Examples, classes: readonly string[], spec: DataSpec): Training {
  const rng = streamOf(spec);
  const floors = classes.map(() => leastPerClass);
  const rows = limitedRows(all.labels, floors, classes.length, spec.limit, rng.fork('limit'));
  const training = rows.length === all.count ? all : takeRows(all, rows);
  const split = stratifiedSplit(training.labels, classes.length, spec.heldOut, rng.fork('split'));
  return { classes, training, split };
}
