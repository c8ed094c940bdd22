import type { Examples } from '../backends/index.js';
import { createRng } from '../core/index.js';
import { sharedRows, takeRows, type DataSet } from './dataset.js';
import { fashionMnist, loadIdx } from './fashion-mnist.js';
import { moments } from './moments.js';
import { checkDataSpec, parseDataName, type DataSpec } from './spec.js';
import { stratifiedSample, stratifiedSplit } from './split.js';

/**
 * Loads the training set of a specification, splits it and measures its pixels. Never reads the test set.
 * @throws NasError `NAS_UNKNOWN_DATA`, `NAS_BAD_DATA_SPEC`, `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`
 */
export async function loadData(spec: DataSpec): Promise<DataSet> {
  checkDataSpec(spec);
  const rng = createRng(spec.seed).fork('data');
  const { classes, examples } = await loadTraining(spec);
  const training =
    spec.limit === null || examples.count <= spec.limit
      ? examples
      : takeRows(examples, stratifiedSample(examples.labels, classes.length, spec.limit, rng.fork('limit')));
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
export async function loadTest(data: DataSet): Promise<Examples> {
  const name = parseDataName(data.spec.name);
  switch (name.kind) {
    case 'fashion-mnist':
      return loadIdx(data.spec.folder, 'test');
    default:
      throw new Error('not yet');
  }
}

async function loadTraining(
  spec: DataSpec,
): Promise<{ readonly classes: readonly string[]; readonly examples: Examples }> {
  const name = parseDataName(spec.name);
  switch (name.kind) {
    case 'fashion-mnist':
      return { classes: fashionMnist.classes, examples: await loadIdx(spec.folder, 'train') };
    default:
      throw new Error('not yet');
  }
}
