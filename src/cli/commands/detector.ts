import { Command, InvalidArgumentError, Option } from 'commander';
import {
  DETECTOR_DEFAULTS,
  detectorOf,
  measureDetector,
  places,
  wholeDetector,
  writeDetector,
} from '../../app/index.js';
import { detectorTable } from '../../report/index.js';
import { jsonOption, path, pictureSides, runsOption, studyOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface Options {
  readonly input: readonly [number, number];
  readonly classes: number;
  readonly hidden: number;
  readonly decoderLayers: number;
  readonly features: readonly number[];
  readonly lastStage: 'expanded' | 'unexpanded';
  readonly halfLastStage?: boolean;
  readonly platform?: string;
  readonly threads: number;
  readonly out?: string;
  readonly seed: string;
  readonly study?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

const MOST_LAYERS = 12;

/** `nas detector BACKBONE`: RT-DETR with it, part by part. */
export function detectorCommand(output: Output): Command {
  const { backbone, classes, hidden, decoderLayers, levels } = DETECTOR_DEFAULTS;
  return new Command('detector')
    .description('print parameters, GFLOPs and latency of the detector RT-DETR with a backbone')
    .argument(
      '<backbone>',
      `preset, text form, file, or number of a trial; ${backbone} for the published one`,
      path,
    )
    .addOption(
      new Option('--input <size>', 'picture size in multiples of 32: 640, 480x640')
        .argParser(pictureSides)
        .default([640, 640], '640'),
    )
    .option('--classes <n>', 'classes of objects', wholeNumber(1, 65_535), classes)
    .option('--hidden <n>', 'hidden size, channels of encoder and decoder', wholeNumber(1), hidden)
    .option('--decoder-layers <n>', 'layers of the decoder', wholeNumber(1, MOST_LAYERS), decoderLayers)
    .addOption(
      new Option('--features <names>', 'maps that the encoder reads, neighbours among c3, c4 and c5')
        .argParser(featureLevels)
        .default(levels, 'c3,c4,c5'),
    )
    .addOption(
      new Option('--last-stage <kind>', 'c5 behind or in front of the last 1×1 convolution')
        .choices(['expanded', 'unexpanded'])
        .default('expanded'),
    )
    .option('--half-last-stage', "half the channels behind c4, as MobileNetV3's detection variant")
    .addOption(
      new Option(
        '--platform <name>',
        'measure the latency of detector and backbone there, with random weights',
      ).choices(['onnxruntime']),
    )
    .option('--threads <n>', 'threads of --platform', wholeNumber(1, 512), 1)
    .option(
      '--out <dir>',
      'write the detector as model.onnx, and its random weights as model.safetensors',
      path,
    )
    .option('--seed <seed>', 'seed of the random weights', '1')
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action(async (given: string, options: Options) => {
      const { features, halfLastStage, study, runs, json, platform, threads, out, ...sizes } = options;
      const meant = { ...sizes, levels: features, half: halfLastStage === true, study: study ?? null };
      const where = places({ runs });
      const whole =
        platform === undefined && out === undefined ? undefined : wholeDetector(given, meant, where);
      if (out !== undefined && whole !== undefined) writeDetector(whole, out);
      const latency =
        platform === undefined || whole === undefined ? undefined : await measureDetector(whole, threads);
      const described = whole?.description ?? detectorOf(given, meant, where);
      const detector = latency === undefined ? described : { ...described, latency };
      if (json === true) output.json(detector);
      else output.print(detectorTable(detector, output));
    });
}

function featureLevels(text: string): readonly number[] {
  const levels = text.split(',').map((name) => Number(/^\s*c([345])\s*$/i.exec(name)?.[1]));
  const neighbours = levels.every((level, i) => i === 0 || level === (levels[i - 1] as number) + 1);
  if (!levels.includes(Number.NaN) && neighbours) return levels;
  throw new InvalidArgumentError('expected neighbours in order, such as c3,c4,c5 or c4,c5.');
}
