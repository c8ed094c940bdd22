import { availableParallelism } from 'node:os';
import { openOnnx } from '../../../backends/index.js';
import { loadData, takeRows } from '../../../data/index.js';
import { ratio } from '../../../core/index.js';
import {
  classesOf,
  LOGITS,
  observedModel,
  onnxExporter,
  PROBABILITIES,
  type Artifact,
  type Int8Facts,
  type OnnxExportOptions,
  type TrainedNetwork,
} from '../../../export/index.js';
import { buildNetwork } from '../../../network/index.js';
import { openRunner } from '../onnx-runner.js';
import { randomPictures, COMPARED } from '../random-pictures.js';
import { evaluationPictures, normalised } from '../stored-accuracy.js';
import { numbersOf } from '../verify-onnx.js';
import type { StudySpec } from '../../study/spec.js';
import { chooseSetting, type Answers, type Setting } from './choose.js';
import { observeRanges } from './ranges.js';
import { compareTimes } from './times.js';

export interface Quantised {
  readonly artifacts: readonly Artifact[];
  readonly facts: Int8Facts;
}

/** Pictures that ranges are observed and settings are chosen on. */
const PICTURES = 512;

/** Pictures to choose by, with labels where they have classes. */
interface Sample {
  readonly images: Uint8Array;
  readonly count: number;
  readonly labels: ArrayLike<number> | null;
  readonly of: Int8Facts['ranges']['of'];
}

/**
 * A network as an ONNX file in whole numbers of 8 bits. Ranges and parts that stay in float are chosen by what ONNX Runtime
 * answers on training pictures that the accuracy is not counted on; then the accuracy of the file that results is counted on the
 * pictures of the stored one. Without a study ranges are those of random pixels, and there is no accuracy.
 * @param spec whose pictures to use; null for random ones
 * @throws NasError `NAS_NO_ONNXRUNTIME`
 */
export async function quantise(
  trained: TrainedNetwork,
  options: OnnxExportOptions,
  spec: StudySpec | null,
): Promise<Quantised> {
  const sample = spec === null ? randomSample(trained) : await sampleOf(spec, trained);
  const network = buildNetwork(trained.architecture);
  // Answers are compared also where maps alone are exported; the value that an output shows is called by the output's name.
  const outputs = [...new Set([...(options.outputs ?? []), LOGITS])];
  const { gate } = options;
  const model = observedModel(network, trained.weights, {
    ...{ epsilon: trained.epsilon, outputs },
    ...(gate && { gate }),
  });
  const input = normalised({ images: sample.images, shape: network.input }, trained);
  const session = await openOnnx(model.bytes, { threads: availableParallelism() });
  const ranges = await observeRanges(session, {
    ...{ count: sample.count, shape: network.input, values: input },
  }).finally(() => session.dispose());

  const asTrained: OnnxExportOptions = { outputs, gate };
  const withSetting = ({ coverage, float }: Setting, facts: Int8Facts) => ({
    ...{ range: ranges(coverage), float: new Set(float), facts },
  });
  const logitsOf = (chosen: OnnxExportOptions, { images, count }: Pick<Sample, 'images' | 'count'>) =>
    answersOf(onnxExporter(chosen).export(trained), trained, images, count, LOGITS);
  const floatLogits = await logitsOf(asTrained, sample);
  const right = sample.labels ?? classesOf(floatLogits, sample.count);
  const measure = async (setting: Setting): Promise<Answers> => {
    const logits = await logitsOf({ ...asTrained, int8: withSetting(setting, UNKNOWN) }, sample);
    return { correct: matches(logits, right, sample.count), error: squaredError(logits, floatLogits) };
  };
  const { setting, tried, sensitivity } = await chooseSetting({
    ...{ parts: model.parts, count: sample.count, measure },
    float: matches(floatLogits, right, sample.count),
  });

  const files = (facts: Int8Facts) =>
    onnxExporter({ ...options, int8: withSetting(setting, facts) }).export(trained);
  const [measured, floatFiles] = [files(UNKNOWN), onnxExporter(options).export(trained)];
  const facts: Int8Facts = {
    accuracy: spec === null ? null : await accuracyOf(measured, floatFiles, trained, options, spec),
    ranges: { coverage: setting.coverage, pictures: sample.count, of: sample.of },
    ...{ float: setting.float, tried, sensitivity },
    time: await compareTimes(measured, floatFiles),
  };
  return { artifacts: files(facts), facts };
}

/** What stands in a file that is measured and thrown away. */
const UNKNOWN: Int8Facts = {
  ...{ accuracy: null, ranges: { coverage: 1, pictures: 0, of: 'random' }, float: [], tried: [] },
  ...{ sensitivity: [], time: { int8Ms: 0, floatMs: 0, threads: 1, runtime: '' } },
};

function randomSample({ architecture }: TrainedNetwork): Sample {
  return { images: randomPictures(architecture.input), count: COMPARED, labels: null, of: 'random' };
}

/** Of a retrained network the held-out part of the training set, else the part that was trained on. */
async function sampleOf(spec: StudySpec, { evaluationSplit }: TrainedNetwork): Promise<Sample> {
  const { training, split } = await loadData({ ...spec.data, seed: spec.seed });
  const test = evaluationSplit === 'test';
  const rows = test ? split.validation : split.train;
  const count = Math.min(PICTURES, rows.length);
  const some = Int32Array.from(
    { length: count },
    (_, i) => rows[Math.floor((i * rows.length) / count)] as number,
  );
  const { images, labels } = takeRows(training, some);
  return { images, count, labels, of: test ? 'held-out' : 'training' };
}

async function accuracyOf(
  files: readonly Artifact[],
  floatFiles: readonly Artifact[],
  trained: TrainedNetwork,
  { input, outputs = [LOGITS], pixels }: OnnxExportOptions,
  spec: StudySpec,
): Promise<Int8Facts['accuracy']> {
  const answers = outputs.find((name) => name === LOGITS || name === PROBABILITIES);
  const [height, width] = trained.architecture.input;
  const otherSize = input !== undefined && (input[0] !== height || input[1] !== width);
  if (answers === undefined || otherSize) return null;
  const { images, labels, count } = await evaluationPictures(spec, trained);
  const correct = async (artifacts: readonly Artifact[]) =>
    matches(await answersOf(artifacts, trained, images, count, answers, pixels), labels, count);
  const [ours, float] = [await correct(files), await correct(floatFiles)];
  return {
    ...{ value: ratio(ours / count), correct: ours, count },
    ...{ set: trained.evaluationSplit, float: ratio(float / count) },
  };
}

async function answersOf(
  artifacts: readonly Artifact[],
  trained: TrainedNetwork,
  images: Uint8Array,
  count: number,
  output: string,
  pixels?: OnnxExportOptions['pixels'],
): Promise<Float32Array> {
  const runner = await openRunner(artifacts, numbersOf({ pixels }, trained));
  try {
    return (await runner.run(images, count)).get(output) ?? new Float32Array();
  } finally {
    runner.dispose();
  }
}

function matches(logits: Float32Array, right: ArrayLike<number>, count: number): number {
  return classesOf(logits, count).filter((answer, i) => answer === right[i]).length;
}

function squaredError(found: Float32Array, expected: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] as number;
    difference += ((found[i] as number) - value) ** 2;
    size += value ** 2;
  }
  return difference === 0 ? 0 : difference / size;
}
