import { z } from 'zod';
import { ms, ratio, type Ms, type Ratio } from '../core/index.js';
import { fingerprintSchema } from '../latency/index.js';
import type { Job, LatencyRecord, Outcome, Progress } from '../trials/index.js';

/** A file name of a checkpoint: one name in one folder, nothing that leads out of it. */
const fileName = z.string().regex(/^(?!\.)[A-Za-z0-9._-]{1,120}$/, 'expected a plain file name');
const seconds = z.number().min(0);

const msSchema = z
  .number()
  .min(0)
  .transform((value): Ms => ms(value));
const ratioSchema = z
  .number()
  .min(0)
  .max(1)
  .transform((value): Ratio => ratio(value));

const latencyFields = {
  source: z.enum(['measured', 'table', 'predicted']),
  platform: z.string(),
  medianMs: msSchema,
  madMs: z.number(),
  p90Ms: z.number(),
  lowMs: z.number(),
  highMs: z.number(),
  runs: z.int(),
  batch: z.int(),
  fingerprint: z.string(),
  samplesMs: z.array(z.number()).max(1000).readonly(),
  rawMedianMs: z.number().exactOptional(),
  reference: z
    .strictObject({
      medianMs: z.number(),
      madMs: z.number(),
      factor: z.number(),
      drift: z.number(),
      retaken: z.int().exactOptional(),
    })
    .exactOptional(),
  conditions: z
    .strictObject({
      clockMhz: z.tuple([z.number(), z.number()]).readonly().nullable(),
      load: z.number().nullable(),
      temperatureC: z.number().nullable(),
    })
    .exactOptional(),
  settled: z.boolean().exactOptional(),
  lacking: z.array(z.string()).max(1000).readonly().exactOptional(),
};
const latencySchema = z.strictObject({
  ...latencyFields,
  also: z
    .array(z.strictObject({ ...latencyFields, targetMs: z.number().positive() }))
    .max(16)
    .readonly()
    .exactOptional(),
}) satisfies z.ZodType<LatencyRecord>;

export const jobSchema = z.strictObject({
  trial: z.int().min(0),
  text: z.string().min(1).max(65_536),
  seed: z.string().max(1000),
  start: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('random') }),
    z.strictObject({ kind: z.literal('surgery'), checkpoint: fileName, text: z.string().min(1).max(65_536) }),
  ]),
  plan: z.strictObject({
    epochs: z.number().positive(),
    maxSteps: z.int().min(1).nullable(),
    maxSeconds: z.number().positive().nullable().exactOptional(),
    learningRate: z.number().min(0),
    schedule: z.enum(['cosine', 'exponential', 'constant']),
    warmupEpochs: z.number().min(0),
  }),
  judge: z.enum(['validation', 'test']),
  gateMs: z.number().positive().nullable(),
  targetMs: z.number().positive().exactOptional(),
  checkpoint: fileName.nullable(),
  deadlineSeconds: z.number().positive(),
  latency: latencySchema.nullable().exactOptional(),
}) satisfies z.ZodType<Job>;

/** Losses may be NaN or infinite: a diverged run is told, not hidden. */
const anyNumber = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]);

const curveSchema = z
  .array(
    z.strictObject({
      epoch: z.number(),
      step: z.number(),
      loss: anyNumber,
      trainAccuracy: anyNumber,
      accuracy: z.number().nullable(),
      seconds,
    }),
  )
  .readonly();

export const outcomeSchema = z.discriminatedUnion('state', [
  z.strictObject({
    state: z.literal('done'),
    accuracy: ratioSchema,
    latency: latencySchema,
    curve: curveSchema,
    seconds,
    checkpoint: fileName.nullable(),
  }),
  z.strictObject({
    state: z.literal('stopped'),
    reason: z.string(),
    latency: latencySchema.nullable(),
    curve: curveSchema,
    seconds,
  }),
  z.strictObject({ state: z.literal('infeasible'), reason: z.string(), latency: latencySchema, seconds }),
  z.strictObject({
    state: z.literal('failed'),
    reason: z.string(),
    latency: latencySchema.nullable(),
    curve: curveSchema,
    seconds,
  }),
]) satisfies z.ZodType<Outcome>;

const progressSchema = z.strictObject({
  trial: z.int(),
  phase: z.enum(['waiting', 'compiling', 'timing', 'training', 'evaluating']),
  done: z.number(),
  loss: anyNumber.nullable(),
  accuracy: z.number().nullable(),
}) satisfies z.ZodType<Progress>;

const id = z.int().min(1);

/** From the controller to its host. The first message is `open`. */
export const toHostSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), spec: z.unknown() }),
  z.strictObject({ kind: z.literal('evaluate'), id, attempt: z.int().min(1), job: jobSchema }),
  z.strictObject({
    kind: z.literal('measure'),
    id,
    attempt: z.int().min(1),
    texts: z.array(z.string().max(65_536)).readonly(),
  }),
  z.strictObject({ kind: z.literal('stop'), id, reason: z.string() }),
  z.strictObject({ kind: z.literal('close') }),
]);
export type ToHost = z.infer<typeof toHostSchema>;

const mistakeSchema = z.strictObject({
  code: z.string(),
  found: z.string(),
  expected: z.string().optional(),
  fix: z.string().optional(),
});
export type Mistake = z.infer<typeof mistakeSchema>;

/** From a host to its controller. */
export const fromHostSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready'), fingerprint: fingerprintSchema }),
  /** It cannot start, and another try would end alike: a mistake of the user or of the surroundings. */
  z.strictObject({ kind: z.literal('mistake'), mistake: mistakeSchema }),
  z.strictObject({ kind: z.literal('progress'), id, progress: progressSchema }),
  /** `spoilt`: a thread was ended by force, whose memory is not given back; the host is to be replaced. */
  z.strictObject({ kind: z.literal('outcome'), id, outcome: outcomeSchema, spoilt: z.boolean() }),
  /** `records` null: stopped. */
  z.strictObject({
    kind: z.literal('measured'),
    id,
    records: z.array(latencySchema).readonly().nullable(),
    spoilt: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('unmeasured'), id, mistake: mistakeSchema, spoilt: z.boolean() }),
]);
export type FromHost = z.infer<typeof fromHostSchema>;
