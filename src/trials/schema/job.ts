import { z } from 'zod';
import { latencyRecordSchema } from './latency.js';
import { anyNumberSchema, architectureTextSchema, fileNameSchema } from './units.js';

/** How long and how a candidate is trained; every figure may be a fraction of the study's recipe. */
export const trainingPlanSchema = z
  .strictObject({
    epochs: z.number().positive(),
    /** Ends training after this number of steps, even inside an epoch; null for none. */
    maxSteps: z.int().min(1).nullable(),
    /**
     * Wall-clock seconds of training, evaluation not included: after some steps their pace is known and the number of
     * steps is set by it, so that the schedule still comes to its end. Such a training is not repeatable. None when
     * left out.
     */
    maxSeconds: z.number().positive().nullable().exactOptional(),
    /** With `maxSeconds`: that time is used up, with more steps than `epochs` has where there is time for them. */
    fillTime: z.literal(true).exactOptional(),
    /** Peak learning rate. */
    learningRate: z.number().min(0),
    schedule: z.enum(['cosine', 'exponential', 'constant']),
    warmupEpochs: z.number().min(0),
    /** Most of the steps that are warm-up, whatever `warmupEpochs` says; none when left out. */
    warmupShare: z.number().gt(0).max(1).exactOptional(),
    /** In place of the recipe's, where a long training wants more of it. */
    pad: z.int().min(0).max(64).exactOptional(),
    labelSmoothing: z.number().min(0).lt(1).exactOptional(),
    /** Parts of a batch that are computed concurrently, each normalised by itself; one where it does not divide the batch. */
    parts: z.int().min(1).max(8).exactOptional(),
  })
  .readonly();
export type TrainingPlan = z.infer<typeof trainingPlanSchema>;

/** Which filters surgery keeps, see `FilterCriterion` in src/network. */
export const FILTER_CRITERIA = ['l2', 'l1', 'bn-scale', 'l2-raw'] as const;

/** Where the first weights come from. `surgery`: a checkpoint of architecture `text`, cut to fit. */
export const startSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('random') }).readonly(),
  z
    .strictObject({
      kind: z.literal('surgery'),
      checkpoint: fileNameSchema,
      text: architectureTextSchema,
      /** `l2-raw` where it is left out, as earlier versions did. */
      criterion: z.enum(FILTER_CRITERIA).exactOptional(),
      /** Index of a block of `text` that the network lacks; none when left out. */
      without: z.int().min(0).exactOptional(),
    })
    .readonly(),
]);
export type Start = z.infer<typeof startSchema>;

/**
 * How much is spent on timing. `burst`: right to within a multiple, never to be stored or compared. `short`: about a second for a
 * network, enough to compare candidates. `full`: until the latency is known to within the protocol's precision.
 */
export const timingEffortSchema = z.enum(['burst', 'short', 'full']);
export type TimingEffort = z.infer<typeof timingEffortSchema>;

/** One candidate to train and time; plain data that crosses processes. */
export const jobSchema = z
  .strictObject({
    trial: z.int().min(0),
    /** Text form of the architecture. */
    text: architectureTextSchema,
    /** Path of the trial's random stream; the seed of everything random in it. */
    seed: z.string().max(1000),
    start: startSchema,
    plan: trainingPlanSchema,
    /** `validation`: trained on the training part, evaluated on the held-out part; `test`: trained on both, evaluated on the test set. */
    evaluationSplit: z.enum(['validation', 'test']),
    /** Timed first; above this limit the outcome is `infeasible` without training. null: no limit. */
    gateMs: z.number().positive().nullable(),
    /** The target that `gateMs` is a multiple of: the same multiple holds for the targets of further platforms. */
    targetMs: z.number().positive().exactOptional(),
    /** File name in the study's checkpoints folder to write the trained weights to; null to keep none. */
    checkpoint: fileNameSchema.nullable(),
    /** A latency of this architecture that is known already; it is then not timed again. */
    latency: latencyRecordSchema.nullable().exactOptional(),
    /** `full` when left out. */
    timing: timingEffortSchema.exactOptional(),
  })
  .readonly();
export type Job = z.infer<typeof jobSchema>;

export const progressSchema = z
  .strictObject({
    trial: z.int(),
    phase: z.enum(['waiting', 'compiling', 'timing', 'training', 'evaluating']),
    /** Share done, 0 … 1. */
    done: z.number(),
    loss: anyNumberSchema.nullable(),
    accuracy: z.number().nullable(),
    /** A line for the user and the log, reported once: `resuming at step 120 of 960`. */
    note: z.string().exactOptional(),
  })
  .readonly();
export type Progress = z.infer<typeof progressSchema>;
