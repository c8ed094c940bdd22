import { z } from 'zod';
import { fingerprintSchema } from '../../latency/index.js';
import { hostSpecSchema, serializedErrorSchema } from '../../pool/index.js';
import {
  architectureTextSchema,
  jobSchema,
  latencyRecordSchema,
  outcomeSchema,
  progressSchema,
  timingEffortSchema,
} from '../../trials/index.js';
import { artifactRefSchema } from '../artifacts/store.js';

/** Number of the form of all that travels; another one is refused. */
export const PROTOCOL = 1;

const name = z.string().min(1).max(300);

/** Whose version wrote something: read before the rest, which another version may have in another form. */
export const writerSchema = z.object({ protocol: z.int(), version: z.string().max(100) });
export type Writer = z.infer<typeof writerSchema>;

const writer = { protocol: z.literal(PROTOCOL), version: z.string().max(100) };
/** Counts up while its writer lives: clocks of machines differ. */
const beat = z.int().min(0);

/** A study whose controller runs. */
export const studyRecordSchema = z.strictObject({
  ...writer,
  beat,
  study: name,
  /** What a host must know; its paths are the worker's own. */
  spec: hostSpecSchema,
  /** Of the files that the study learns from; null for the test double, which reads none. */
  dataDigest: z.string().max(200).nullable(),
  /** Where weights travel, without credentials. */
  artifacts: z.string().max(2000),
  /** Digests of the devices that its latencies are of, first platform first; null until a worker has named its own. */
  devices: z.array(z.string().max(200)).max(17).readonly().nullable(),
});
export type StudyRecord = z.infer<typeof studyRecordSchema>;

/** A worker that runs. */
export const workerRecordSchema = z.strictObject({
  ...writer,
  beat,
  name,
  /** Id of the study that it has a host for; null between two. */
  study: z.string().max(200).nullable(),
  slots: z.int().min(0).max(1024),
  /** Null until its host is ready. */
  fingerprint: fingerprintSchema.nullable(),
  further: z.array(fingerprintSchema).max(16).readonly(),
  freeBytes: z.number().min(0),
  /** Trials that it works on. */
  busy: z.array(z.int().min(0)).max(1024).readonly(),
  /** Why it does nothing for a study that runs; null where it does. */
  problem: z.string().max(2000).nullable(),
});
export type WorkerRecord = z.infer<typeof workerRecordSchema>;

const task = {
  ...writer,
  /** Devices that latencies have to be of, as {@link StudyRecord.devices}. */
  devices: z.array(z.string().max(200)).max(17).readonly(),
  /** Why the controller wants it stopped; null while it does not. */
  stop: z.string().max(2000).nullable(),
};

/** What a worker is to do. */
export const taskSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    ...task,
    kind: z.literal('evaluate'),
    job: jobSchema,
    /** The weights that surgery starts from; null for random ones. */
    start: artifactRefSchema.nullable(),
  }),
  z.strictObject({
    ...task,
    kind: z.literal('measure'),
    texts: z.array(architectureTextSchema).max(10_000).readonly(),
    effort: timingEffortSchema,
  }),
]);
export type Task = z.infer<typeof taskSchema>;

/** What has come of a task so far; the next worker resumes from `state`. */
export const taskProgressSchema = z.strictObject({
  /** The attempt that it is of: what an earlier one reports late is ignored. */
  attempt: z.int().min(1),
  worker: name,
  progress: progressSchema.nullable(),
  /** The training's state. */
  state: artifactRefSchema.nullable(),
});
export type TaskProgress = z.infer<typeof taskProgressSchema>;

/** How a task ended. */
export const taskResultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('outcome'),
    worker: name,
    outcome: outcomeSchema,
    /** The trained weights, where the outcome names a checkpoint. */
    weights: artifactRefSchema.nullable(),
  }),
  z.strictObject({
    kind: z.literal('measured'),
    worker: name,
    records: z.array(latencyRecordSchema).readonly(),
  }),
  /** A fault of the worker's surroundings, or a task that it must refuse: no end of the trial. */
  z.strictObject({ kind: z.literal('error'), worker: name, error: serializedErrorSchema }),
]);
export type TaskResult = z.infer<typeof taskResultSchema>;

/** Name of the BullMQ queue of a study. */
export const queueOfStudy = (id: string): string => `study-${id}`;
/** Names of those whose jobs are records that no worker takes. */
export const STUDIES = 'studies';
export const WORKERS = 'workers';
