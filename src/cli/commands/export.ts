import { Command, InvalidArgumentError, Option } from 'commander';
import { bestTrial, exportTrial, places, readMeantStudy, requireTrial, specOf } from '../../app/index.js';
import { NasError, formatMs, formatPercent } from '../../core/index.js';
import type { TrialReader } from '../../trials/index.js';
import { dataFolderOption, latency, pictureSides, runsOption, studyOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface ExportOptions {
  readonly best?: boolean;
  readonly under?: number;
  readonly format: string;
  readonly out?: string;
  readonly verify: boolean;
  readonly batch?: number;
  readonly outputs?: readonly string[];
  readonly input?: readonly [number, number];
  readonly pixels?: 'normalised' | 'unit' | 'bytes';
  readonly gate?: 'hard-sigmoid' | 'clip';
  readonly study?: string;
  readonly runs?: string;
  readonly dataFolder?: string;
}

/** `nas export TRIAL|--best`: writes a trained network; reads the store only, so it works at any time. */
export function exportCommand(output: Output): Command {
  return new Command('export')
    .description('write a trained network, also while a search runs')
    .argument('[trial]', 'its number', wholeNumber(1))
    .option('--best', "the retrained network, else the most accurate within the study's target")
    .option('--under <time>', 'with --best: within this latency', latency)
    .option(
      '--format <name>',
      'json (the architecture), tfjs (TensorFlow.js graph model), onnx or pytorch',
      'tfjs',
    )
    .option('--out <dir>', "folder to write to (default: in the study's exports/)")
    .option('--no-verify', 'do not run the exported network on the pictures again')
    .option('--outputs <names>', `onnx: ${OUTPUTS}`, outputNames)
    .option(
      '--input <size>',
      'onnx: size of the pictures, such as 640x640 (default: as trained)',
      pictureSides,
    )
    .option('--batch <n>', 'onnx: pictures per call (default: left open)', wholeNumber(1, 65_536))
    .addOption(new Option('--pixels <kind>', `onnx: ${PIXELS}`).choices(['normalised', 'unit', 'bytes']))
    .addOption(new Option('--gate <kind>', `onnx: ${GATES}`).choices(['hard-sigmoid', 'clip']))
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(dataFolderOption())
    .action(async (id: number | undefined, options: ExportOptions) => {
      const where = places({ runs: options.runs, data: options.dataFolder });
      using reader = readMeantStudy(where, options.study);
      const trial = requireTrial(reader, id ?? meantTrial(reader, options));
      const done = await exportTrial(where, reader, trial, {
        trial: trial.id,
        format: options.format,
        out: options.out ?? null,
        verify: options.verify,
        dataFolder: options.dataFolder === undefined ? null : where.data,
        onnx: onnxOptions(options),
      });
      if (done.difference !== null)
        output.note(
          `computes as trained: outputs differ by ${done.difference.toExponential(1)} at most, relative`,
        );
      if (done.verified !== null) {
        const { correct, count, accuracy } = done.verified;
        output.note(
          `verified: ${correct} of ${count} correct (${formatPercent(accuracy)}), as trial ${trial.id} had`,
        );
      }
      for (const file of done.files) output.print(file);
    });
}

const OUTPUTS =
  'logits, probabilities, c1 to c9 (feature maps at strides 2 to 512), layers of nas arch (default: logits)';
const PIXELS = 'normalised (default), pixel / 255 (unit), or uint8 with channels last (bytes)';
const GATES =
  'hard sigmoids as HardSigmoid (hard-sigmoid, default), or as Mul, Add and Clip, for OpenCV (clip)';

/** What belongs to the format onnx alone. @throws NasError `NAS_OTHER_FORMAT` when it is asked of another */
function onnxOptions({ format, batch, outputs, input, pixels, gate }: ExportOptions) {
  const given = Object.entries({ batch, outputs, input, pixels, gate }).find(
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
