import { z } from 'zod';
import { latencyRecordSchema } from './latency.js';
import { anyNumberSchema, fileNameSchema, ratioSchema, secondsSchema } from './units.js';

export const curvePointSchema = z
  .strictObject({
    epoch: z.number(),
    step: z.number(),
    loss: anyNumberSchema,
    trainAccuracy: anyNumberSchema,
    /** Held-out accuracy where it was evaluated at this point. */
    accuracy: z.number().nullable(),
    /** Mean cross-entropy of the same pictures; studies of earlier versions have none. */
    heldOutLoss: z.number().exactOptional(),
    seconds: secondsSchema,
  })
  .readonly();
export type CurvePoint = z.infer<typeof curvePointSchema>;

const curve = z.array(curvePointSchema).readonly();
const seconds = secondsSchema;
const latencyIfAny = latencyRecordSchema.nullable();

export const doneSchema = z
  .strictObject({
    state: z.literal('done'),
    /** Held-out accuracy (of the test set for a retrained network). */
    accuracy: ratioSchema,
    latency: latencyRecordSchema,
    curve,
    seconds,
    /** File name inside the study's checkpoints folder, or null when none was kept. */
    checkpoint: fileNameSchema.nullable(),
  })
  .readonly();
export type Done = z.infer<typeof doneSchema>;

/** Ended early on request (time budget, Ctrl-C, hopeless curve). Not learnt from. */
const stoppedSchema = z
  .strictObject({ state: z.literal('stopped'), reason: z.string(), latency: latencyIfAny, curve, seconds })
  .readonly();
export type Stopped = z.infer<typeof stoppedSchema>;

/** Far over the target: timed, never trained. */
const infeasibleSchema = z
  .strictObject({ state: z.literal('infeasible'), reason: z.string(), latency: latencyRecordSchema, seconds })
  .readonly();
export type Infeasible = z.infer<typeof infeasibleSchema>;

/** Diverged, crashed twice, ran out of memory, hung. */
const failedSchema = z
  .strictObject({
    state: z.literal('failed'),
    reason: z.string(),
    /** True when the same would happen to any candidate (missing data, a backend that does not load); not stored. */
    deterministic: z.boolean().exactOptional(),
    latency: latencyIfAny,
    curve,
    seconds,
  })
  .readonly();
export type Failed = z.infer<typeof failedSchema>;

/** What may happen to a candidate is a value; only bugs are thrown. */
export const outcomeSchema = z.discriminatedUnion('state', [
  doneSchema,
  stoppedSchema,
  infeasibleSchema,
  failedSchema,
]);
export type Outcome = z.infer<typeof outcomeSchema>;

/** Mean cross-entropy of the held-out pictures at the end of a training; null where it is not known. */
export function heldOutLoss(outcome: Outcome): number | null {
  return outcome.state === 'done' ? (outcome.curve.at(-1)?.heldOutLoss ?? null) : null;
}
