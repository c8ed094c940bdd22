import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  DEFAULT_FILTER_CRITERION,
  DEFAULT_STEP_CRITERION,
  DEFAULTS,
  DIMENSION_KINDS,
  FINAL_TRAININGS,
  PAPER_KINDS,
  STEP_CRITERIA,
  type DimensionKind,
  type FinalTraining,
  type LibraryName,
  type StepCriterion,
} from '../app/index.js';
import { FILTER_CRITERIA } from '../trials/index.js';
import {
  againOption,
  dataFolderOption,
  dataSetName,
  duration,
  extrapolationOption,
  latency,
  newDeviceOption,
  path,
  realNumber,
  runsOption,
  studyOption,
  weightsFromOption,
  wholeNumber,
} from './options.js';
import { addQueueOptions, type QueueOptions } from './queue-options.js';
import type { StudyOptions } from './study-options.js';

/** Of the study that is made for a network from outside. */
type NewStudyOptions = Pick<
  StudyOptions,
  'data' | 'size' | 'limit' | 'epochs' | 'batch' | 'learningRate' | 'latencyBatch' | 'seed' | 'backend'
> & {
  readonly weights?: string;
  readonly weightsFrom?: LibraryName;
  readonly dataFolder?: string;
};

export interface RefineOptions extends NewStudyOptions, QueueOptions {
  readonly best?: boolean;
  readonly targetLatency: number;
  readonly time?: number;
  readonly steps?: number;
  readonly delta?: number;
  readonly finetuneSteps?: number;
  readonly proposals?: number;
  readonly stepCriterion?: StepCriterion;
  readonly dimensions?: readonly DimensionKind[];
  readonly criterion?: (typeof FILTER_CRITERIA)[number];
  readonly final?: FinalTraining;
  readonly finalTime?: number;
  readonly workers?: number;
  readonly allowExtrapolation?: boolean;
  readonly study?: string;
  readonly newDevice?: boolean;
  readonly platform?: readonly string[];
  readonly runs?: string;
}

export const GIVEN_EPOCHS = 8;

/** Kinds of dimensions, separated by commas. */
function dimensionKinds(text: string): readonly DimensionKind[] {
  return text.split(',').map((name) => {
    const kind = DIMENSION_KINDS.find((one) => one === name.trim());
    if (kind !== undefined) return kind;
    throw new InvalidArgumentError(`${JSON.stringify(name)} is none of ${DIMENSION_KINDS.join(', ')}.`);
  });
}

/** Adds what `netadapt refine` takes. */
export function addRefineOptions(command: Command): Command {
  return addQueueOptions(command)
    .option('--best', "start from the most accurate trial within the study's target")
    .addOption(
      new Option('--target-latency <time>', 'latency to reach').argParser(latency).makeOptionMandatory(),
    )
    .addOption(new Option('--time <time>', 'wall-clock limit: 90s, 20m').argParser(duration))
    .option('--steps <n>', 'maximum number of accepted steps', wholeNumber(1))
    .option(
      '--delta <share>',
      `share of the seed's latency that each step saves (default: the study's, ${DEFAULTS.delta})`,
      realNumber('a share between 0 and 1', (value) => value > 0 && value < 1),
    )
    .option('--finetune-steps <n>', 'training steps of a proposal', wholeNumber(1))
    .option('--proposals <n>', 'maximum number of proposals per step', wholeNumber(1))
    .addOption(
      new Option(
        '--step-criterion <name>',
        `how a step chooses among its proposals (default: the study's, ${DEFAULT_STEP_CRITERION})`,
      ).choices(STEP_CRITERIA),
    )
    .option(
      '--dimensions <kinds>',
      `what may shrink, of ${DIMENSION_KINDS.join(', ')} (default: the study's, ${PAPER_KINDS.join(',')})`,
      dimensionKinds,
    )
    .addOption(
      new Option(
        '--criterion <name>',
        `which filters stay, by norm or scale (default: the study's, ${DEFAULT_FILTER_CRITERION})`,
      ).choices(FILTER_CRITERIA),
    )
    .addOption(
      new Option(
        '--final <start>',
        'in the end train the last network on all training pictures: further, from scratch, or as is better of both',
      ).choices(FINAL_TRAININGS),
    )
    .addOption(
      new Option(
        '--final-time <time>',
        'wall-clock limit of the final training, in place of its epochs',
      ).argParser(duration),
    )
    .option('--workers <n>', 'proposals trained concurrently', wholeNumber(1, 64))
    .addOption(extrapolationOption())
    .addOption(studyOption())
    .addOption(newDeviceOption())
    .addOption(againOption())
    .addOption(runsOption())
    .option('--weights <file>', 'new study: safetensors file of torchvision, timm or d-li14', path)
    .addOption(weightsFromOption('new study'))
    .option(
      '--data <name>',
      `new study: fashion-mnist, cifar10 or images:DIR (default: ${DEFAULTS.data})`,
      dataSetName,
    )
    .addOption(dataFolderOption())
    .option(
      '--size <pixels>',
      'new study: side that pictures of images:DIR are brought to',
      wholeNumber(8, 1024),
    )
    .option('--limit <n>', 'new study: maximum number of training pictures', wholeNumber(4))
    .option(
      '--epochs <n>',
      `new study: epochs that the network is trained before it is shrunk (default: ${GIVEN_EPOCHS})`,
      wholeNumber(1),
    )
    .option('--batch <n>', 'new study: pictures per training step', wholeNumber(1, 65_536))
    .option(
      '--learning-rate <rate>',
      'new study: peak learning rate (default: grows with the batch)',
      realNumber('a number over 0 and up to 100', (value) => value > 0 && value <= 100),
    )
    .option(
      '--latency-batch <n>',
      `new study: pictures per timed run (default: ${DEFAULTS.latencyBatch})`,
      wholeNumber(1, 4096),
    )
    .option('--seed <seed>', `new study: seed of everything random (default: ${DEFAULTS.seed})`)
    .addOption(
      new Option('--backend <name>', 'new study: who trains').choices([
        'tensorflow',
        'tensorflow-gpu',
        'reference',
      ]),
    );
}
