import { z } from 'zod';
import { fingerprintSchema } from '../latency/index.js';
import {
  architectureTextSchema,
  jobSchema,
  latencyRecordSchema,
  outcomeSchema,
  progressSchema,
  timingEffortSchema,
} from '../trials/index.js';

const id = z.int().min(1);

/** From the controller to its host. The first message is `open`. */
export const toHostSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), spec: z.unknown() }),
  z.strictObject({ kind: z.literal('evaluate'), id, attempt: z.int().min(1), job: jobSchema }),
  z.strictObject({
    kind: z.literal('measure'),
    id,
    attempt: z.int().min(1),
    texts: z.array(architectureTextSchema).readonly(),
    effort: timingEffortSchema,
  }),
  z.strictObject({ kind: z.literal('stop'), id, reason: z.string() }),
  z.strictObject({ kind: z.literal('close') }),
]);
export type ToHost = z.infer<typeof toHostSchema>;

export const serializedErrorSchema = z.strictObject({
  code: z.string(),
  found: z.string(),
  expected: z.string().optional(),
  fix: z.string().optional(),
  fault: z.enum(['transient', 'permanent', 'unclear']).optional(),
});
export type SerializedError = z.infer<typeof serializedErrorSchema>;

/** From a host to its controller. */
export const fromHostSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('ready'),
    fingerprint: fingerprintSchema,
    further: z.array(fingerprintSchema).max(16).readonly().exactOptional(),
  }),
  /** It cannot start, and another try would end the same: an error of the user or the environment. */
  z.strictObject({ kind: z.literal('error'), serializedError: serializedErrorSchema }),
  /** It still reads its data. */
  z.strictObject({ kind: z.literal('loading') }),
  z.strictObject({ kind: z.literal('progress'), id, progress: progressSchema }),
  /** The task got on since the last message about it. */
  z.strictObject({ kind: z.literal('alive'), id }),
  /** `tainted`: a thread was ended by force, whose memory is not given back; the host is to be replaced. */
  /** `hung`: the task was ended because it made no progress. */
  z.strictObject({
    kind: z.literal('outcome'),
    id,
    outcome: outcomeSchema,
    hung: z.boolean(),
    tainted: z.boolean(),
  }),
  /** Of an evaluation that met a fault of the surroundings: no end of its trial. */
  z.strictObject({
    kind: z.literal('unevaluated'),
    id,
    serializedError: serializedErrorSchema,
    tainted: z.boolean(),
  }),
  /** `records` null: stopped. */
  z.strictObject({
    kind: z.literal('measured'),
    id,
    records: z.array(latencyRecordSchema).readonly().nullable(),
    tainted: z.boolean(),
  }),
  z.strictObject({
    kind: z.literal('unmeasured'),
    id,
    serializedError: serializedErrorSchema,
    hung: z.boolean(),
    tainted: z.boolean(),
  }),
]);
export type FromHost = z.infer<typeof fromHostSchema>;
