import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { DEFAULTS, EXPONENT, STRATEGY_NAMES, type NewStudyOptions, type Places } from '../app/index.js';
import { aimsOf, collect } from './aims.js';
import {
  SPACES,
  dataSetName,
  duration,
  extrapolationOption,
  path,
  platformName,
  presetList,
  realNumber,
  wholeNumber,
} from './options.js';

/** Share of the training pictures that every study holds out. */
export const HELD_OUT = 0.1;

/** What every command that makes a study takes; names as the parsed options have them. */
export interface StudyOptions {
  readonly data?: string;
  readonly size?: number;
  readonly limit?: number;
  readonly skipBroken?: boolean;
  readonly space?: string;
  readonly trials?: number;
  readonly time?: number;
  readonly wait?: number;
  readonly keep?: 'all' | 'frontier';
  readonly workers?: number;
  readonly threads?: number;
  readonly seed?: string;
  readonly strategy?: string;
  readonly paper?: boolean;
  readonly scaled?: readonly string[];
  readonly reward?: 'soft' | 'hard' | 'absolute';
  readonly rewardExponent?: number;
  readonly platform?: readonly string[];
  readonly latencyBatch?: number;
  readonly gate?: number;
  readonly allowExtrapolation?: boolean;
  readonly recipe?: 'quick' | 'paper';
  readonly batch?: number;
  readonly epochs?: number;
  readonly steps?: number;
  readonly learningRate?: number;
  readonly finalEpochs?: number;
  readonly mode?: 'async' | 'batch';
  readonly backend?: 'tensorflow' | 'tensorflow-gpu' | 'reference';
  readonly deterministic?: boolean;
}

/** What a command does otherwise where nothing is said. */
export interface OwnDefaults {
  /** Seconds. */
  readonly time?: number;
  readonly steps?: number;
  /** What `--gate` multiplies, in words. */
  readonly limit?: string;
  /** Of `--latency-batch`, in words. */
  readonly latencyBatch?: string;
}

/** Adds the options of a study, with what they mean. */
export function addStudyOptions(command: Command, own: OwnDefaults = {}): Command {
  const trials = own.time === undefined ? `${DEFAULTS.trials} without --time` : 'as many as fit into --time';
  return command
    .option('--data <name>', `fashion-mnist, cifar10 or images:DIR (default: ${DEFAULTS.data})`, dataSetName)
    .option('--size <pixels>', 'side that pictures of images:DIR are brought to', wholeNumber(8, 1024))
    .option('--limit <n>', 'maximum number of training pictures', wholeNumber(4))
    .option('--skip-broken', 'continue without pictures of images:DIR that cannot be decoded')
    .option('--space <name>', `${SPACES} (default: ${DEFAULTS.space})`, path)
    .option('--trials <n>', `candidates to evaluate (default: ${trials})`, wholeNumber(1))
    .addOption(timeOption(own.time))
    .option(
      '--wait <time>',
      `how long to wait while the disk is full or a device is away (default: ${DEFAULTS.waitSeconds / 3600}h)`,
      duration,
    )
    .addOption(
      new Option(
        '--keep <which>',
        `weights to keep: all, or frontier (also the best and what NetAdapt needs) (default: ${DEFAULTS.keep})`,
      ).choices(['all', 'frontier']),
    )
    .option('--workers <n>', 'candidates trained concurrently', wholeNumber(1, 64))
    .option(
      '--threads <n>',
      'TensorFlow threads inside one operation (default: cores / workers / 2)',
      wholeNumber(1, 512),
    )
    .option('--seed <seed>', `seed of everything random (default: ${DEFAULTS.seed})`)
    .option(
      '--strategy <name>',
      `${DEFAULTS.strategy}, ${STRATEGY_NAMES.join(', ')} (default: ${DEFAULTS.strategy})`,
    )
    .option('--paper', "the controller with the paper's settings in place of those for small budgets")
    .option(
      '--scaled <names>',
      `presets to scale to the target and try first, or none (default: ${DEFAULTS.scaled.join(',')})`,
      presetList,
    )
    .addOption(
      new Option('--reward <kind>', 'absolute (TuNAS), hard or soft (MnasNet)').choices([
        'absolute',
        'hard',
        'soft',
      ]),
    )
    .option(
      '--reward-exponent <w>',
      `weight of latency, negative (default: ${EXPONENT[DEFAULTS.reward]}; hard: ${EXPONENT.hard})`,
      realNumber('a negative number', (value) => value < 0),
    )
    .option(
      '--platform <name>',
      `what latency is measured on, NAME[:OPTIONS]; may be repeated, each with its --target-latency (default: ${DEFAULTS.platform})`,
      collect(platformName),
    )
    .option(
      '--latency-batch <n>',
      `pictures per timed run (default: ${own.latencyBatch ?? DEFAULTS.latencyBatch})`,
      wholeNumber(1, 4096),
    )
    .option(
      '--gate <factor>',
      `candidates over ${own.limit ?? 'target'} × factor are not trained (default: ${DEFAULTS.gate})`,
      realNumber('a number of at least 1', (value) => value >= 1),
    )
    .addOption(extrapolationOption())
    .addOption(
      new Option('--recipe <name>', 'quick (momentum, cosine) or paper (RMSProp, EMA)').choices([
        'quick',
        'paper',
      ]),
    )
    .option('--batch <n>', 'pictures per training step', wholeNumber(1, 65_536))
    .option('--epochs <n>', 'epochs per candidate', wholeNumber(1))
    .option(
      '--steps <n>',
      `maximum number of training steps per candidate${own.steps === undefined ? '' : ` (default: ${own.steps})`}`,
      wholeNumber(1),
    )
    .option(
      '--learning-rate <rate>',
      'peak learning rate (default: grows with the batch)',
      realNumber('a number over 0 and up to 100', (value) => value > 0 && value <= 100),
    )
    .option('--final-epochs <n>', 'epochs of the retrained network', wholeNumber(1))
    .addOption(
      new Option(
        '--mode <mode>',
        'async: a free worker gets the next immediately; batch: repeatable order',
      ).choices(['async', 'batch']),
    )
    .addOption(
      new Option('--backend <name>', 'who trains').choices(['tensorflow', 'tensorflow-gpu', 'reference']),
    )
    .option('--deterministic', 'one thread and deterministic operations: equal weights each time');
}

/** The options of a new study. */
export function studyOptionsOf(
  options: StudyOptions,
  study: string,
  targetsMs: readonly number[],
  where: Places,
): NewStudyOptions {
  const gpu = options.backend === 'tensorflow-gpu';
  const { first, also } = aimsOf(options.platform, targetsMs);
  return {
    study,
    seed: options.seed,
    data: {
      name: dataName(options.data ?? DEFAULTS.data),
      folder: where.data,
      heldOut: HELD_OUT,
      size: options.size ?? null,
      limit: options.limit ?? null,
    },
    skipBroken: options.skipBroken,
    space: options.space ?? DEFAULTS.space,
    targetMs: first.targetMs,
    also,
    latencyBatch: options.latencyBatch,
    platform: first.platform,
    gate: options.gate,
    allowExtrapolation: options.allowExtrapolation,
    reward: options.reward,
    rewardExponent: options.rewardExponent,
    strategy: options.strategy,
    strategyPreset: options.paper === true ? 'paper' : 'default',
    scaled: options.scaled,
    trials: options.trials,
    seconds: options.time,
    mode: options.mode,
    recipe: options.recipe,
    batch: options.batch,
    epochs: options.epochs,
    maxSteps: options.steps,
    learningRate: options.learningRate,
    finalEpochs: options.finalEpochs,
    backend: gpu ? 'tensorflow' : options.backend === 'reference' ? 'reference' : 'tensorflow',
    flavour: gpu ? 'gpu' : 'cpu',
    keep: options.keep,
    waitSeconds: options.wait,
    workers: options.workers,
    threads: options.threads,
    deterministic: options.deterministic,
  };
}

function timeOption(seconds: number | undefined): Option {
  const option = new Option('--time <time>', 'wall-clock budget for everything: 90s, 20m, 1.5h').argParser(
    duration,
  );
  return seconds === undefined ? option : option.default(seconds, `${seconds / 60}m`);
}

/** A folder of pictures by its whole path, so that the study finds it from wherever it is resumed. */
export function dataName(given: string): string {
  const folder = /^images:(.+)$/s.exec(given)?.[1];
  return folder === undefined ? given : `images:${resolve(folder)}`;
}
