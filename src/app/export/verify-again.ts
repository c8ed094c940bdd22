import { existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exporterFor,
  runTfjs,
  verifyExport,
  type Artifact,
  type TrainedNetwork,
} from '../../export/index.js';
import { computesOtherwise } from '../study/differing.js';
import type { Places } from '../environment.js';
import { runGraphAside } from './graph-process.js';
import { allowance, nudged } from './rounding.js';
import type { StudySpec } from '../study/spec.js';
import { evaluationPictures, normalised, requireStoredAccuracy, type Verified } from './stored-accuracy.js';

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
  const examples = await evaluationPictures(spec, trained);
  const { count } = examples;
  const input = normalised(examples, trained);
  const logits = await logitsOf(artifacts, input, places, spec.host.flavour);
  let rounded: Promise<Float32Array> | undefined;
  /** What the same network answers with its weights rounded otherwise; computed where a difference needs explaining. */
  const shaken = (): Promise<Float32Array> =>
    (rounded ??= logitsOf(
      exporterFor('tfjs').export({ ...trained, weights: nudged(trained.weights) }),
      input,
      places,
      spec.host.flavour,
    ));
  const verified = await requireStoredAccuracy(logits, examples, trained, shaken);
  const few = Math.min(BY_TFJS, count);
  const part = (values: Float32Array) => values.subarray(0, (few * values.length) / count);
  const own = { count: few, input: part(input), logits: part(logits), labels: null };
  const { error } = await verifyExport(artifacts, own);
  const difference = error ?? Number.POSITIVE_INFINITY;
  if (difference > LOGITS_AGREE) {
    const allowed = Math.max(LOGITS_AGREE, allowance(own.logits, part(await shaken())));
    if (difference > allowed)
      throw computesOtherwise(
        {
          ...{ by: "TensorFlow.js's", output: 'logits', count: few, difference, allowed },
          ...{ found: await runTfjs(artifacts, own.input), expected: own.logits },
        },
        trained,
      );
  }
  return verified;
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
