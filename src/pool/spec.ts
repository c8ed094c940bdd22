import { z } from 'zod';
import type { DataSpec } from '../data/index.js';
import { threadsFor } from '../backends/index.js';
import { FIRST_USE_SECONDS } from '../latency/index.js';
import { checked } from './check.js';
import type { Recipe } from '../train/index.js';
import { fakeBackendSchema } from './engine/fake-spec.js';

const backendSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tensorflow'),
    flavour: z.enum(['cpu', 'gpu']),
    /** Folder of the TensorFlow that `nas setup` made. */
    directory: z.string().min(1),
    /** One thread and deterministic operations: the same weights each time. */
    deterministic: z.boolean(),
    /** Whether the `gpu` flavour may train on the processor where it finds no card. */
    cpuAllowed: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('reference') }),
  fakeBackendSchema,
]);

const protocolSchema = z.strictObject({
  settle: z.number().positive(),
  warmupRuns: z.int().min(0),
  burst: z.int().min(1),
  minRuns: z.int().min(1),
  maxRuns: z.int().min(1),
  maxSeconds: z.number().positive(),
  precision: z.number().positive(),
  keep: z.int().min(1).max(1000),
  reference: z.boolean(),
  quiet: z.number().positive(),
  repeats: z.int().min(0).max(100),
  repeatsUpTo: z.int().min(0),
  seed: z.string(),
});

const share = z.number().min(0).lt(1);

const recipeSchema = z.strictObject({
  batch: z.int().min(1),
  optimiser: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('momentum'), momentum: share }),
    z.strictObject({
      kind: z.literal('rmsprop'),
      momentum: share,
      decay: share,
      epsilon: z.number().positive(),
    }),
  ]),
  weightDecay: z.number().min(0),
  labelSmoothing: share,
  dropout: share,
  emaDecay: share.nullable(),
  norm: z.strictObject({ momentum: share, epsilon: z.number().positive() }),
  pad: z.int().min(0),
  flip: z.boolean(),
  decay: z
    .strictObject({ factor: z.number().positive(), everyEpochs: z.number().positive() })
    .exactOptional(),
}) satisfies z.ZodType<Recipe>;
/** Ranges are checked by the data room when it loads. */
const dataSchema = z.strictObject({
  name: z.string(),
  folder: z.string(),
  heldOut: z.number(),
  seed: z.string(),
  size: z.int().nullable(),
  limit: z.int().nullable(),
  skip: z.array(z.string()).exactOptional(),
  whites: z.record(z.string(), z.number()).exactOptional(),
}) satisfies z.ZodType<DataSpec>;

/** All that an evaluator host must know; plain data that crosses processes. */
export const hostSpecSchema = z.strictObject({
  backend: backendSchema,
  data: dataSchema,
  recipe: recipeSchema,
  latency: z.strictObject({
    /** `NAME[:OPTIONS]`, read where it is opened. */
    platform: z.string().min(1).max(4000),
    /** Further ones, each with its limit. */
    also: z
      .array(z.strictObject({ platform: z.string().min(1).max(4000), targetMs: z.number().positive() }))
      .max(16)
      .default([]),
    /** Platforms among them that may run a program or get an agent's token. */
    trusted: z.array(z.string().min(1).max(4000)).max(17).default([]),
    batch: z.int().min(1),
    protocol: protocolSchema,
    /** What is known of devices lies there; null: each host starts from scratch. */
    folder: z.string().min(1).nullable().default(null),
  }),
  /** The study's checkpoints folder; it exists. */
  checkpoints: z.string().min(1),
  /** Concurrent jobs. */
  workers: z.int().min(1).max(64),
  /** Threads inside one TensorFlow operation; null: those that train quickest. */
  threads: z.int().min(1).nullable(),
  /** What a job that was asked to stop is given before its thread is ended. */
  graceSeconds: z.number().positive().default(20),
  /** A job that gets on may take as long as it takes; one that does nothing for so long is ended and tried once more. */
  idleSeconds: z.number().positive().default(900),
  /** Seconds of training between two writings of its state. */
  keepSeconds: z.number().positive().default(30),
});
/** As the host knows it, defaults filled in. */
export type HostSpec = z.infer<typeof hostSpecSchema>;
/** As it may be written. */
export type HostSpecInput = z.input<typeof hostSpecSchema>;

/** Threads inside one TensorFlow operation: as asked, else those that train quickest. */
export function threadsOf({ threads, workers }: Pick<HostSpec, 'threads' | 'workers'>): number {
  return threads ?? threadsFor(workers);
}

/** Seconds of a start without its platforms. */
const BARE_START_SECONDS = 900;

/** Seconds that a host may take to be ready: each of its platforms may take as long as its calls are allowed to. */
export function startSeconds({ latency }: Pick<HostSpec, 'latency'>): number {
  return BARE_START_SECONDS + FIRST_USE_SECONDS * (1 + latency.also.length);
}

/** @throws NasError `NAS_BAD_HOST_SPEC` that names the wrong fields */
export function checkHostSpec(raw: unknown): HostSpec {
  return checked(hostSpecSchema, raw, 'NAS_BAD_HOST_SPEC', 'host specification');
}
