import { Command, InvalidArgumentError, Option } from 'commander';
import {
  bestTrial,
  exportNamed,
  exportTrial,
  places,
  readMeantStudy,
  requireTrial,
  specOf,
  type Exported,
  type LibraryName,
  type Places,
} from '../../app/index.js';
import { NasError, formatMs, formatPercent } from '../../core/index.js';
import { int8Lines } from './int8-lines.js';
import type { TrialReader } from '../../trials/index.js';
import {
  dataFolderOption,
  latency,
  path,
  pictureSize,
  runsOption,
  studyOption,
  weightsFromOption,
  wholeNumber,
} from '../options.js';
import type { Output } from '../output.js';

interface ExportOptions {
  readonly best?: boolean;
  readonly under?: number;
  readonly format: string;
  readonly out?: string;
  readonly verify: boolean;
  readonly classes?: number;
  readonly weights?: string;
  readonly weightsFrom?: LibraryName;
  readonly seed?: string;
  readonly mean?: readonly number[];
  readonly deviation?: readonly number[];
  readonly batch?: number;
  readonly outputs?: readonly string[];
  readonly input?: string;
  readonly pixels?: 'normalised' | 'unit' | 'bytes';
  readonly gate?: 'hard-sigmoid' | 'clip';
  readonly int8?: boolean;
  readonly study?: string;
  readonly runs?: string;
  readonly dataFolder?: string;
}

/** `nas export TRIAL|--best|NETWORK`: writes a network; reads the store only, so it works at any time. */
export function exportCommand(output: Output): Command {
  return new Command('export')
    .description('write a trained network, also while a search runs; or any preset, text form or file')
    .argument(
      '[network]',
      "a trial's number, a preset (mobilenet_v3_large@0.75), text form (nas1:…) or file",
      trialOrNetwork,
    )
    .option('--best', "the retrained network, else the most accurate within the study's target")
    .option('--under <time>', 'with --best: within this latency', latency)
    .option('--format <name>', FORMATS, 'tfjs')
    .option('--out <dir>', "folder to write to (default: of a trial, in the study's exports/)")
    .option('--no-verify', 'do not run the exported network again')
    .option('--input <size>', `size of the pictures, such as 640x640 (default: ${INPUTS})`, sizeText)
    .option('--classes <n>', 'preset, text form or file: number of classes', wholeNumber(1, 65_535))
    .option(
      '--weights <file>',
      'preset, text form or file: its weights, from checkpoints/ of a study, or a safetensors file of another library',
      path,
    )
    .addOption(weightsFromOption('preset, text form or file'))
    .option('--seed <text>', 'preset, text form or file: of random weights (default: 1)')
    .option('--mean <numbers>', 'preset, text form or file: mean per channel (default: 0)', numberList)
    .option(
      '--deviation <numbers>',
      'preset, text form or file: deviation per channel (default: 1)',
      deviations,
    )
    .option('--outputs <names>', `onnx: ${OUTPUTS}`, outputNames)
    .option('--batch <n>', 'onnx: pictures per call (default: left open)', wholeNumber(1, 65_536))
    .addOption(new Option('--pixels <kind>', `onnx: ${PIXELS}`).choices(['normalised', 'unit', 'bytes']))
    .addOption(new Option('--gate <kind>', `onnx: ${GATES}`).choices(['hard-sigmoid', 'clip']))
    .option('--int8', `onnx: ${INT8}`)
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(dataFolderOption())
    .action(async (given: string | number | undefined, options: ExportOptions) => {
      const where = places({ runs: options.runs, data: options.dataFolder });
      if (typeof given === 'string') await writeNamed(where, given, options, output);
      else await writeTrial(where, given, options, output);
    });
}

async function writeTrial(
  where: Places,
  given: number | undefined,
  options: ExportOptions,
  output: Output,
): Promise<void> {
  refuse(
    options,
    ['classes', 'weights', 'weightsFrom', 'seed', 'mean', 'deviation'],
    'a trial',
    'a preset, text form or file',
  );
  using reader = readMeantStudy(where, options.study);
  const trial = requireTrial(reader, given ?? meantTrial(reader, options));
  const done = await exportTrial(where, reader, trial, {
    trial: trial.id,
    format: options.format,
    out: options.out ?? null,
    verify: options.verify,
    dataFolder: options.dataFolder === undefined ? null : where.data,
    onnx: onnxOptions(options),
    int8: options.int8 === true,
  });
  report(done, 'trained', output);
  if (done.verified !== null) {
    const { correct, count, accuracy } = done.verified;
    output.note(
      `verified: ${correct} of ${count} correct (${formatPercent(accuracy)}), as trial ${trial.id} had`,
    );
  }
  if (done.int8 !== null) for (const line of int8Lines(done.int8)) output.note(line);
  for (const file of done.files) output.print(file);
}

async function writeNamed(
  where: Places,
  network: string,
  options: ExportOptions,
  output: Output,
): Promise<void> {
  const ofTrials = ['best', 'under', 'study', 'runs', 'dataFolder'] as const;
  refuse(options, ofTrials, 'a preset, text form or file', 'a trial');
  const { input, ...others } = options;
  const { format, out, classes, weights, weightsFrom, seed = '1', mean, deviation, verify } = others;
  if (out === undefined)
    throw new NasError({
      code: 'NAS_NO_OUT',
      found: 'no folder to write to',
      fix: `add --out DIR, such as --out ${format}`,
    });
  const done = await exportNamed(where, {
    ...{ network, format, out, seed, verify },
    input: input === undefined ? null : pictureSize(input),
    classes: classes ?? null,
    weights: weights ?? null,
    library: weightsFrom,
    mean: mean ?? null,
    deviation: deviation ?? null,
    onnx: onnxOptions(others),
    int8: options.int8 === true,
  });
  report(done, 'our own forward pass', output);
  if (done.notice !== null) output.note(done.notice);
  if (done.int8 !== null) for (const line of int8Lines(done.int8)) output.note(line);
  if (weights === undefined && format !== 'json') output.note(`random weights of seed ${seed}: not trained`);
  else if (weights !== undefined && mean === undefined)
    output.note('pictures enter as pixel / 255; weights trained otherwise need --mean and --deviation');
  for (const file of done.files) output.print(file);
}

function report({ difference, unchecked }: Exported, as: string, output: Output): void {
  if (difference !== null)
    output.note(`computes as ${as}: outputs differ by ${difference.toExponential(1)} at most, relative`);
  if (unchecked !== null) output.note(`not checked: ${unchecked}`);
}

/** A number names a trial, also one that no trial can have: it is refused as such. */
function trialOrNetwork(text: string): number | string {
  return /^[-+]?\d+(\.\d*)?$/.test(text) ? wholeNumber(1)(text) : path(text);
}

/** Refuses options that have no meaning for what is exported. @throws NasError `NAS_OTHER_NETWORK` */
function refuse(
  options: ExportOptions,
  names: readonly (keyof ExportOptions)[],
  given: string,
  expected: string,
): void {
  const name = names.find((one) => options[one] !== undefined);
  if (name === undefined) return;
  throw new NasError({
    code: 'NAS_OTHER_NETWORK',
    found: `--${name === 'dataFolder' ? 'data-folder' : name} with ${given}`,
    expected,
    fix: 'leave it out',
  });
}

const FORMATS =
  'json (the architecture), tfjs (TensorFlow.js graph model), onnx, pytorch, savedmodel, keras; as a backbone of RT-DETR: ultralytics, rtdetr, dfine, deim';
const INPUTS = 'as trained, or 224x224x3 for a preset; with a trial for onnx alone';
const OUTPUTS =
  'logits, probabilities, c1 to c9 (feature maps at strides 2 to 512), layers of nas arch (default: logits)';
const PIXELS = 'normalised (default), pixel / 255 (unit), or uint8 with channels last (bytes)';
const INT8 =
  'whole numbers of 8 bits; ranges and the layers that stay in float are chosen by measured accuracy';
const GATES =
  'hard sigmoids as HardSigmoid (hard-sigmoid, default), or as Mul, Add and Clip, for OpenCV (clip)';

/** What belongs to the format onnx alone. @throws NasError `NAS_OTHER_FORMAT` when it is asked of another */
function onnxOptions({ format, batch, outputs, input: size, pixels, gate, int8 }: ExportOptions) {
  const input = size === undefined ? undefined : trialInput(size);
  const given = Object.entries({ batch, outputs, input, pixels, gate, int8 }).find(
    ([, value]) => value !== undefined,
  );
  if (given === undefined || format === 'onnx') return { batch, outputs, input, pixels, gate };
  throw new NasError({
    code: 'NAS_OTHER_FORMAT',
    found: `--${given[0]} with --format ${format}`,
    expected: '--format onnx',
  });
}

function outputNames(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('expected names such as c3,c4,c5.');
  return names;
}

/** Checked here, so that a wrong size is reported first. */
function sizeText(text: string): string {
  pictureSize(text);
  return text;
}

/** @throws NasError `NAS_BAD_TASK` for a size with channels: a trial's are known */
function trialInput(text: string): readonly [number, number] {
  const [height, width] = pictureSize(text);
  if (text.split('x').length <= 2) return [height, width];
  throw new NasError({
    code: 'NAS_BAD_TASK',
    found: `--input ${text}`,
    expected: 'a size such as 640 or 480x640',
  });
}

function numberList(text: string): readonly number[] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (numbers.every((value) => Number.isFinite(value))) return numbers;
  throw new InvalidArgumentError('expected numbers such as 0.485,0.456,0.406.');
}

function deviations(text: string): readonly number[] {
  const numbers = numberList(text);
  if (numbers.every((value) => value > 0)) return numbers;
  throw new InvalidArgumentError('expected numbers above 0 such as 0.229,0.224,0.225.');
}

/** The retrained network of the best trial where there is one, else the best trial itself. */
function meantTrial(reader: TrialReader, options: ExportOptions): number {
  if (options.best !== true && options.under === undefined) {
    throw new NasError({ code: 'NAS_NO_TRIAL', found: 'no trial named', fix: 'name a trial, or say --best' });
  }
  const limit = options.under ?? specOf(reader).latency.targetMs;
  const best = reader.best(limit, { evaluationSplit: 'test' })?.trial ?? bestTrial(reader, limit);
  if (best !== undefined) return best;
  throw new NasError({
    code: 'NAS_NO_BEST',
    found: `no trained trial of study ${reader.study.name} takes at most ${formatMs(limit)}`,
    fix: 'nas frontier shows what there is; --under takes another latency',
  });
}
