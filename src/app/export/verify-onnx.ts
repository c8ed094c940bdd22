import type { TensorflowOptions } from '../../backends/index.js';
import {
  LOGITS,
  networkToExport,
  onnxExporter,
  outputsOf,
  PROBABILITIES,
  relativeError,
  type Artifact,
  type OnnxExportOptions,
  type TrainedNetwork,
} from '../../export/index.js';
import { networkUpTo, type Network, type Weights } from '../../network/index.js';
import type { Places } from '../environment.js';
import { computesOtherwise } from '../study/differing.js';
import { forwardAside } from './graph-process.js';
import { openRunner, type OnnxRunner } from './onnx-runner.js';
import { COMPARED, randomPictures, tensorflowOptions } from './random-pictures.js';
import { agrees, allowance, nudged } from './rounding.js';
import type { StudySpec } from '../study/spec.js';
import { evaluationPictures, normalised, requireStoredAccuracy, type Verified } from './stored-accuracy.js';

export interface OnnxVerification {
  /** Largest relative difference of any output to our own forward pass. */
  readonly difference: number;
  /** Right answers; null where they were not asked for, or the file has no classes or another picture size. */
  readonly verified: Verified | null;
}

export interface OnnxSurroundings {
  readonly places: Places;
  readonly flavour: 'cpu' | 'gpu';
  /** Whose pictures to count right answers on; null for none. */
  readonly spec: StudySpec | null;
}

/**
 * Runs an exported ONNX network in ONNX Runtime: on random pictures, every output held against our own forward pass,
 * and, where `spec` is given, on the pictures that the stored accuracy was counted on.
 * @throws NasError `NAS_EXPORT_DIFFERS`, `NAS_NO_ONNXRUNTIME`
 */
export async function verifyOnnx(
  artifacts: readonly Artifact[],
  trained: TrainedNetwork,
  options: OnnxExportOptions,
  { places, flavour, spec }: OnnxSurroundings,
): Promise<OnnxVerification> {
  const network = networkToExport(trained.architecture, options);
  const runner = await openRunner(artifacts, numbersOf(options, trained));
  try {
    const tensorflow = tensorflowOptions(places, flavour);
    const difference = await compare(runner, network, trained, options.outputs ?? [LOGITS], tensorflow);
    const asTrained = network.input.every((side, i) => side === trained.architecture.input[i]);
    const verified = spec !== null && asTrained ? await evaluate(runner, spec, trained, options) : null;
    return { difference, verified };
  } finally {
    runner.dispose();
  }
}

/** Pixels as the file's input wants them; a file that takes bytes asks for none. */
export function numbersOf(
  options: Pick<OnnxExportOptions, 'pixels'>,
  trained: TrainedNetwork,
): (images: Uint8Array) => Float32Array {
  if (options.pixels === 'unit') return (images) => Float32Array.from(images, (pixel) => pixel / 255);
  const [, , channels] = trained.architecture.input;
  return (images) => normalised({ images, shape: [1, images.length / channels, channels] }, trained);
}

async function compare(
  runner: OnnxRunner,
  network: Network,
  trained: TrainedNetwork,
  names: readonly string[],
  tensorflow: TensorflowOptions | null,
): Promise<number> {
  const images = randomPictures(network.input);
  const outputs = outputsOf(network, names);
  const layers = [...new Set(outputs.map(({ layer }) => layer))];
  const found = await runner.run(images, COMPARED);
  const own = async (weights: Weights): Promise<ReadonlyMap<string, Float32Array>> => {
    const results = await forwardAside({
      networks: layers.map((layer) => networkUpTo(network, layer)),
      ...{ weights, epsilon: trained.epsilon, batch: COMPARED, tensorflow },
      input: normalised({ images, shape: network.input }, trained),
    });
    return new Map(
      outputs.map(({ name, layer }) => {
        const result = results[layers.indexOf(layer)] ?? new Float32Array();
        return [name, name === PROBABILITIES ? softmax(result, network.classes) : result];
      }),
    );
  };
  const of = (results: ReadonlyMap<string, Float32Array>, name: string) =>
    results.get(name) ?? new Float32Array();
  const expected = await own(trained.weights);
  const differences = names.map((name) => ({
    name,
    difference: relativeError(of(found, name), of(expected, name)),
  }));
  if (!differences.every(({ difference }) => agrees(difference))) {
    const shaken = await own(nudged(trained.weights));
    for (const { name, difference } of differences) {
      const allowed = allowance(of(expected, name), of(shaken, name));
      if (difference > allowed)
        throw computesOtherwise(
          {
            ...{ by: "ONNX Runtime's", output: name, count: COMPARED, difference, allowed },
            ...{ found: of(found, name), expected: of(expected, name) },
          },
          trained,
        );
    }
  }
  return Math.max(...differences.map(({ difference }) => difference));
}

async function evaluate(
  runner: OnnxRunner,
  spec: StudySpec,
  trained: TrainedNetwork,
  options: OnnxExportOptions,
): Promise<Verified | null> {
  const { outputs = [LOGITS] } = options;
  const answers = outputs.find((name) => name === LOGITS || name === PROBABILITIES);
  if (answers === undefined) return null;
  const examples = await evaluationPictures(spec, trained);
  const results = await runner.run(examples.images, examples.count);
  const shaken = async (): Promise<Float32Array> => {
    const again = onnxExporter(options).export({ ...trained, weights: nudged(trained.weights) });
    const other = await openRunner(again, numbersOf(options, trained));
    try {
      return (await other.run(examples.images, examples.count)).get(answers) ?? new Float32Array();
    } finally {
      other.dispose();
    }
  };
  return requireStoredAccuracy(results.get(answers) ?? new Float32Array(), examples, trained, shaken);
}

function softmax(logits: Float32Array, classes: number): Float32Array {
  const result = new Float32Array(logits.length);
  for (let from = 0; from < logits.length; from += classes) {
    const row = logits.subarray(from, from + classes);
    const largest = Math.max(...row);
    const powers = Array.from(row, (value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    result.set(
      powers.map((value) => value / sum),
      from,
    );
  }
  return result;
}
