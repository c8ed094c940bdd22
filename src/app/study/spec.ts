import { z } from 'zod';
import { NasError, deepFreeze } from '../../core/index.js';
import { DIMENSION_KINDS, STEP_CRITERIA } from '../../netadapt/index.js';
import { FILTER_CRITERIA, trainingPlanSchema } from '../../trials/index.js';

/**
 * A study's specification: checked once, frozen, stored with the study. Nothing below the app checks again, and
 * resuming reads it from the store, so that a resumed study is the same study.
 */

const positive = z.number().positive();
const count = z.number().int().positive();
const share = z.number().min(0).lt(1);

/** A plan without a limit on time, which each phase sets by what is left. */
const planSchema = trainingPlanSchema
  .unwrap()
  .omit({ maxSeconds: true })
  .extend({ epochs: count.max(10_000), maxSteps: count.nullable(), learningRate: positive.max(100) });

const recipeSchema = z.strictObject({
  batch: count.max(65_536),
  optimiser: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('momentum'), momentum: share }),
    z.strictObject({ kind: z.literal('rmsprop'), momentum: share, decay: share, epsilon: positive }),
  ]),
  weightDecay: z.number().nonnegative(),
  labelSmoothing: share,
  dropout: share,
  emaDecay: share.nullable(),
  norm: z.strictObject({ momentum: share, epsilon: positive }),
  pad: z.number().int().nonnegative().max(64),
  flip: z.boolean(),
});

/** A sign of life comes at least every few seconds; what takes longest is compiling a large network. */
export const DEFAULT_IDLE_SECONDS = 900;

/** Long enough for a machine to start again, or for a person to make room. */
export const DEFAULT_WAIT_SECONDS = 3600;

export const studySpecSchema = z.strictObject({
  version: z.literal(1),
  study: z.string(),
  seed: z.string().min(1).max(200),
  data: z.strictObject({
    name: z.string(),
    folder: z.string(),
    heldOut: z.number().gt(0).lt(1),
    size: count.max(2048).nullable(),
    limit: count.nullable(),
    /** Broken pictures that are left out, and the samples that become white; older studies have neither. */
    skip: z.array(z.string()).exactOptional(),
    whites: z.record(z.string(), positive).exactOptional(),
  }),
  task: z.strictObject({ input: z.tuple([count, count, count]), classes: count.min(2) }),
  /** `name` of a built-in space, or the text of a user's own. */
  space: z.strictObject({ name: z.string(), yaml: z.string().nullable() }),
  latency: z.strictObject({
    platform: z.string(),
    batch: count.max(4096),
    targetMs: positive,
    /** Further platforms, each with its own target; the constraint is met when all are. */
    also: z
      .array(z.strictObject({ platform: z.string(), targetMs: positive }))
      .max(16)
      .default([]),
    /** The search looks up to target × this, for NetAdapt to shrink from there; 1 when nothing follows the search. */
    searchFactor: z.number().min(1).max(10),
    /** A table may be asked for segments far beyond what it measured. */
    allowExtrapolation: z.boolean().exactOptional(),
    /** Candidates slower than target × gate are not trained. */
    gate: z.number().min(1),
  }),
  reward: z.strictObject({ kind: z.enum(['soft', 'hard', 'absolute']), exponent: z.number().negative() }),
  strategy: z.strictObject({
    name: z.string(),
    preset: z.enum(['default', 'paper']),
    /** Presets that are scaled to the target and tried first; studies of earlier versions have none. */
    scaled: z.array(z.string()).max(16).readonly().exactOptional(),
  }),
  budget: z.strictObject({ trials: count.nullable(), seconds: positive.nullable() }),
  mode: z.enum(['async', 'batch']),
  recipe: recipeSchema,
  /** How a sampled candidate is trained. */
  proxy: planSchema,
  /** How the final network is trained. */
  final: planSchema,
  refine: z.strictObject({
    /** The share of the seed's latency that each step must save (NetAdapt's ΔR; MobileNetV3: 0.01). */
    delta: z.number().gt(0).lt(1),
    finetune: planSchema,
    /** Most proposals tried per step; null for all. */
    proposals: count.nullable(),
    /** Which proposal of a step is accepted; studies of earlier versions have none. */
    stepCriterion: z.enum(STEP_CRITERIA).exactOptional(),
    /** What may shrink; likewise. */
    dimensions: z.array(z.enum(DIMENSION_KINDS)).min(1).readonly().exactOptional(),
    /** Which filters of a proposal stay; likewise. */
    criterion: z.enum(FILTER_CRITERIA).exactOptional(),
  }),
  /** Whether weights of dominated trials stay; studies of earlier versions have none, and keep all. */
  keep: z.enum(['all', 'frontier']).exactOptional(),
  host: z.strictObject({
    backend: z.enum(['tensorflow', 'reference', 'fake']),
    flavour: z.enum(['cpu', 'gpu']),
    workers: count.max(64),
    /** TensorFlow threads inside one operation; part of what a latency was measured with. */
    threads: count.max(512),
    deterministic: z.boolean(),
    /** A worker that does nothing for so long – no step, no timed run, nothing read – is ended; its job is tried once more. */
    idleSeconds: positive.default(DEFAULT_IDLE_SECONDS),
    /** So long a fault of the surroundings – a full disk, an agent that is away – is waited out. */
    waitSeconds: positive.default(DEFAULT_WAIT_SECONDS),
    /** Of earlier versions, which ended every job after this number of seconds; without effect. */
    deadlineSeconds: positive.exactOptional(),
  }),
});

export type StudySpec = z.infer<typeof studySpecSchema>;

/** All platforms that a study is timed on. */
export function platformsOf({ latency }: Pick<StudySpec, 'latency'>): readonly string[] {
  return [latency.platform, ...latency.also.map(({ platform }) => platform)];
}

/**
 * Checks a specification through and through.
 * @throws NasError `NAS_BAD_CONFIG` that names every wrong field by its path
 */
export function checkSpec(value: unknown): StudySpec {
  const result = studySpecSchema.safeParse(value);
  if (result.success) return deepFreeze(result.data);
  const problems = result.error.issues.map(
    (issue) => `${issue.path.join('.') || 'specification'}: ${issue.message}`,
  );
  throw new NasError({
    code: 'NAS_BAD_CONFIG',
    found: problems.slice(0, 5).join('; '),
    fix: 'see docs/configuration.md',
  });
}
