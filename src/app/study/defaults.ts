import { availableParallelism } from 'node:os';
import { threadsFor } from '../../backends/index.js';
import { paperRate, paperRecipe, quickRate, quickRecipe } from '../../train/index.js';
import type { Task } from '../../space/index.js';
import { resolvePlatform } from '../resolve.js';
import { checkSpec, DEFAULT_IDLE_SECONDS, DEFAULT_WAIT_SECONDS, type StudySpec } from './spec.js';

/** What a user may say about a new study; everything else is a default of this file. */
export interface StudyOptions {
  readonly study: string;
  readonly seed?: string | undefined;
  readonly data: StudySpec['data'];
  readonly task: Task;
  readonly space?: StudySpec['space'] | undefined;
  readonly targetMs: number;
  readonly searchFactor?: number | undefined;
  readonly latencyBatch?: number | undefined;
  readonly platform?: string | undefined;
  /** Platforms in addition to the first, each with its own target in ms. */
  readonly also?: readonly { readonly platform: string; readonly targetMs: number }[] | undefined;
  readonly gate?: number | undefined;
  readonly allowExtrapolation?: boolean | undefined;
  readonly reward?: StudySpec['reward']['kind'] | undefined;
  readonly rewardExponent?: number | undefined;
  readonly strategy?: string | undefined;
  readonly strategyPreset?: StudySpec['strategy']['preset'] | undefined;
  /** Presets that are scaled to the target and tried first. */
  readonly scaled?: readonly string[] | undefined;
  readonly trials?: number | null | undefined;
  readonly seconds?: number | null | undefined;
  readonly mode?: StudySpec['mode'] | undefined;
  readonly recipe?: 'quick' | 'paper' | undefined;
  readonly batch?: number | undefined;
  readonly epochs?: number | undefined;
  readonly maxSteps?: number | null | undefined;
  readonly learningRate?: number | undefined;
  readonly finalEpochs?: number | undefined;
  readonly delta?: number | undefined;
  readonly finetuneSteps?: number | undefined;
  readonly proposals?: number | null | undefined;
  readonly keep?: 'all' | 'frontier' | undefined;
  readonly backend?: StudySpec['host']['backend'] | undefined;
  readonly flavour?: StudySpec['host']['flavour'] | undefined;
  readonly workers?: number | undefined;
  readonly threads?: number | null | undefined;
  readonly deterministic?: boolean | undefined;
  readonly idleSeconds?: number | undefined;
  readonly waitSeconds?: number | undefined;
}

/** What holds where a user says nothing; help texts take what they print from here. */
export const DEFAULTS = Object.freeze({
  data: 'fashion-mnist',
  seed: '1',
  space: 'backbone',
  platform: 'tensorflow',
  latencyBatch: 1,
  gate: 1.5,
  reward: 'absolute' as const,
  strategy: 'auto',
  scaled: [
    'mobilenet_v3_small',
    'mobilenet_v3_small_minimalistic',
    'mobilenetv4_conv_small',
    'residual_conv',
  ] as readonly string[],
  /** Candidates of a search without a time budget. */
  trials: 24,
  delta: 0.04,
  keep: 'frontier' as const,
  waitSeconds: DEFAULT_WAIT_SECONDS,
} satisfies Partial<Record<keyof StudyOptions, unknown>>);

/**
 * The weight of latency in each reward: MnasNet's −0.07 (soft) and β = −1 (hard, §3.1), TuNAS's −0.07 (absolute).
 */
export const EXPONENT: Readonly<Record<StudySpec['reward']['kind'], number>> = Object.freeze({
  soft: -0.07,
  hard: -1,
  absolute: -0.07,
});

/** What `auto` stands for: the paper's controller where it is asked for, else what `bench/search` shows to win. */
export function strategyName({
  strategy = DEFAULTS.strategy,
  strategyPreset,
}: Pick<StudyOptions, 'strategy' | 'strategyPreset'>): string {
  if (strategy !== DEFAULTS.strategy) return strategy;
  return strategyPreset === 'paper' ? 'ppo' : 'surrogate';
}

/**
 * A whole specification from a few options, checked.
 * @throws NasError `NAS_BAD_CONFIG`, `NAS_UNKNOWN_PLATFORM`, `NAS_BAD_PLATFORM`
 */
export function studySpec(requested: StudyOptions): StudySpec {
  const style = requested.recipe ?? 'quick';
  const recipe = style === 'paper' ? paperRecipe : quickRecipe;
  const batch = requested.batch ?? recipe.batch;
  const learningRate = requested.learningRate ?? (style === 'paper' ? paperRate : quickRate) * batch;
  const schedule = style === 'paper' ? ('exponential' as const) : ('cosine' as const);
  const epochs = requested.epochs ?? (style === 'paper' ? 5 : 1);
  const finalEpochs = requested.finalEpochs ?? (style === 'paper' ? 350 : 8);
  const warmup = style === 'paper' ? 5 : 0.2;
  const reward = requested.reward ?? DEFAULTS.reward;
  const plan = (length: number): StudySpec['proxy'] => ({
    epochs: length,
    maxSteps: null,
    learningRate,
    schedule,
    warmupEpochs: Math.min(warmup, length / 5),
    warmupShare: 0.1,
  });
  return checkSpec({
    version: 1,
    study: requested.study,
    seed: requested.seed ?? DEFAULTS.seed,
    data: requested.data,
    task: { input: requested.task.input, classes: requested.task.classes },
    space: requested.space ?? { name: DEFAULTS.space, yaml: null },
    latency: {
      platform: resolvePlatform(requested.platform ?? DEFAULTS.platform),
      batch: requested.latencyBatch ?? DEFAULTS.latencyBatch,
      targetMs: requested.targetMs,
      also: (requested.also ?? []).map(({ platform, targetMs }) => ({
        platform: resolvePlatform(platform),
        targetMs,
      })),
      searchFactor: requested.searchFactor ?? 1,
      gate: requested.gate ?? DEFAULTS.gate,
      ...(requested.allowExtrapolation === true ? { allowExtrapolation: true } : {}),
    },
    reward: { kind: reward, exponent: requested.rewardExponent ?? EXPONENT[reward] },
    strategy: {
      name: strategyName(requested),
      preset: requested.strategyPreset ?? 'default',
      scaled: [...(requested.scaled ?? DEFAULTS.scaled)],
    },
    budget: {
      trials:
        requested.trials === undefined && requested.seconds === undefined
          ? DEFAULTS.trials
          : (requested.trials ?? null),
      seconds: requested.seconds ?? null,
    },
    mode: requested.mode ?? 'async',
    recipe: {
      batch,
      optimiser: recipe.optimiser,
      weightDecay: recipe.weightDecay,
      labelSmoothing: recipe.labelSmoothing,
      dropout: recipe.dropout,
      emaDecay: recipe.emaDecay,
      norm: recipe.norm,
      pad: recipe.pad,
      flip: recipe.flip,
    },
    proxy: { ...plan(epochs), maxSteps: requested.maxSteps ?? null },
    // A length that the user gave is a limit, also within a time.
    final: {
      ...plan(finalEpochs),
      ...(requested.finalEpochs === undefined ? { fillTime: true } : {}),
      ...(style === 'paper' ? {} : { parts: FINAL_PARTS }),
    },
    refine: {
      delta: requested.delta ?? DEFAULTS.delta,
      finetune: {
        epochs: 1,
        maxSteps: requested.finetuneSteps ?? 60,
        learningRate: learningRate / 5,
        schedule: style === 'paper' ? 'constant' : 'cosine',
        warmupEpochs: 0,
      },
      proposals: requested.proposals === undefined ? 8 : requested.proposals,
    },
    keep: requested.keep ?? DEFAULTS.keep,
    host: {
      backend: requested.backend ?? 'tensorflow',
      flavour: requested.flavour ?? 'cpu',
      workers: requested.workers ?? defaultWorkers(),
      // Fixed with the study, since latencies of other thread counts do not compare.
      threads: requested.threads ?? threadsFor(requested.workers ?? defaultWorkers()),
      deterministic: requested.deterministic ?? false,
      idleSeconds: requested.idleSeconds ?? DEFAULT_IDLE_SECONDS,
      waitSeconds: requested.waitSeconds ?? DEFAULTS.waitSeconds,
    },
  });
}

/**
 * The final training has the cores for itself, and one chain of operations does not fill them: two halves of the batch take 0.7
 * of its time (bench/train/README.md, halves).
 */
const FINAL_PARTS = 2;

/** One worker per core up to two; more share the same memory bandwidth. */
export function defaultWorkers(): number {
  return Math.max(1, Math.min(2, availableParallelism()));
}
