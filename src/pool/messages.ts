import { z } from 'zod';
import { fingerprintSchema } from '../latency/index.js';
import {
  architectureTextSchema,
  jobSchema,
  latencyRecordSchema,
  outcomeSchema,
  progressSchema,
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
  z.strictObject({
    kind: z.literal('ready'),
    fingerprint: fingerprintSchema,
    further: z.array(fingerprintSchema).max(16).readonly().exactOptional(),
  }),
  /** It cannot start, and another try would end alike: a mistake of the user or of the surroundings. */
  z.strictObject({ kind: z.literal('mistake'), mistake: mistakeSchema }),
  z.strictObject({ kind: z.literal('progress'), id, progress: progressSchema }),
  /** `spoilt`: a thread was ended by force, whose memory is not given back; the host is to be replaced. */
  z.strictObject({ kind: z.literal('outcome'), id, outcome: outcomeSchema, spoilt: z.boolean() }),
  /** `records` null: stopped. */
  z.strictObject({
    kind: z.literal('measured'),
    id,
    records: z.array(latencyRecordSchema).readonly().nullable(),
    spoilt: z.boolean(),
  }),
  z.strictObject({ kind: z.literal('unmeasured'), id, mistake: mistakeSchema, spoilt: z.boolean() }),
]);
export type FromHost = z.infer<typeof fromHostSchema>;
