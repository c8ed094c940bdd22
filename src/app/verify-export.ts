import { existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Examples } from '../backends/index.js';
import { NasError, formatPercent } from '../core/index.js';
import { loadData, loadTest, takeRows } from '../data/index.js';
import { runTfjs, verifyExport, type Artifact, type TrainedNetwork } from '../export/index.js';
import type { Places } from './environment.js';
import { runGraphAside } from './graph-process.js';
import type { StudySpec } from './spec.js';

export interface Verified {
  readonly correct: number;
  readonly count: number;
  readonly accuracy: number;
}

/** Sums in another order may move a picture at the very edge of two classes: so many in a thousand are forgiven, none of a few. */
const FORGIVEN = 1 / 1000;
/** Pictures that tfjs itself answers too: it takes up to a tenth of a second each. */
const BY_TFJS = 16;
/** Largest difference of two logits, relative to the largest. */
const LOGITS_AGREE = 1e-3;

/**
 * Runs the exported files again on the pictures that the stored accuracy was counted on: all of them through
 * TensorFlow, which reads the exported graph node by node, and the first ones through TensorFlow.js as a user's page
 * would. Without TensorFlow all go through TensorFlow.js, which takes long.
 * @throws NasError `NAS_EXPORT_DIFFERS` when the answers are not those of the stored accuracy
 */
export async function verifyAgain(
  artifacts: readonly Artifact[],
  places: Places,
  spec: StudySpec,
  trained: TrainedNetwork,
): Promise<Verified> {
  const data = await loadData({ ...spec.data, seed: spec.seed });
  const examples =
    trained.judge === 'test' ? await loadTest(data) : takeRows(data.training, data.split.validation);
  const { count, labels } = examples;
  const input = normalised(examples, trained);
  const logits = await logitsOf(artifacts, input, places, spec.host.flavour);
  const classes = trained.classes.length;
  const correct = labels.reduce((sum, label, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return sum + (row.indexOf(Math.max(...row)) === label ? 1 : 0);
  }, 0);
  const expected = Math.round(trained.accuracy * count);
  if (Math.abs(correct - expected) > Math.ceil(FORGIVEN * count - 0.2)) {
    throw differs(
      `the exported network has ${correct} of ${count} right`,
      `${expected} (${formatPercent(trained.accuracy)}), as trial ${trained.trial} had`,
    );
  }
  const few = Math.min(BY_TFJS, count);
  const { error } = await verifyExport(artifacts, {
    count: few,
    input: input.subarray(0, (few * input.length) / count),
    logits: logits.subarray(0, few * classes),
    labels: null,
  });
  if (error === null || error > LOGITS_AGREE) {
    throw differs(
      `TensorFlow.js answers otherwise (relative difference ${error ?? 'unknown'})`,
      'equal answers',
    );
  }
  return { correct, count, accuracy: correct / count };
}

function logitsOf(
  artifacts: readonly Artifact[],
  input: Float32Array,
  { tensorflow }: Places,
  flavour: 'cpu' | 'gpu',
): Promise<Float32Array> {
  const directory = join(tensorflow, flavour);
  if (!existsSync(join(directory, 'tfjs_binding.node'))) return runTfjs(artifacts, input);
  const model = artifacts.find(({ path }) => path === 'model.json');
  if (model === undefined) throw new TypeError('a graph model without model.json');
  const weights = artifacts.filter(({ path }) => path.endsWith('.bin')).map(({ bytes }) => bytes);
  const json = new TextDecoder().decode(model.bytes);
  const options = { directory, temporaryFolder: tmpdir(), batch: 100 };
  const request = { model: { json, weights: Buffer.concat(weights) }, input, output: 'logits', options };
  return runGraphAside(request, flavour, availableParallelism());
}

function differs(found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_EXPORT_DIFFERS',
    found,
    expected,
    fix: 'please report this; nothing was written',
  });
}

function normalised({ images, shape }: Examples, { mean, deviation }: TrainedNetwork): Float32Array {
  const channels = shape[2];
  const scale = deviation.map((value) => 1 / (255 * value));
  const shift = mean.map((value, channel) => value / (deviation[channel] ?? 1));
  return Float32Array.from(
    images,
    (pixel, at) => pixel * (scale[at % channels] ?? 0) - (shift[at % channels] ?? 0),
  );
}
