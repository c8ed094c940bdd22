import { z } from 'zod';
import { msSchema } from './units.js';

/** Where a latency comes from; a number without a source is never shown. */
export const latencySourceSchema = z.enum(['measured', 'table', 'predicted']);
export type LatencySource = z.infer<typeof latencySourceSchema>;

/**
 * A fixed network is timed in turns with the others in each session, so that a machine that has become slower or
 * faster since shows. `medianMs` and the spread in the record are what `correctedSamplesMs` gives.
 */
export const referenceReadingSchema = z
  .strictObject({
    /** Of its fastest tenth of runs, uncorrected. */
    medianMs: z.number(),
    madMs: z.number(),
    /** The reference's first median on this device by its median in this session, a little held back where they differ. */
    factor: z.number(),
    /** How much slower it was in the slowest quarter of the session than in the fastest, as a share. */
    drift: z.number(),
    /** Further sessions, in which the reference took longer and which do not count; absent for none. */
    retaken: z.int().exactOptional(),
  })
  .readonly();
export type ReferenceReading = z.infer<typeof referenceReadingSchema>;

/** What could be read of the machine during a session; null where it could not. */
export const hostStateSchema = z
  .strictObject({
    /** Mean clock of the cores before and after, MHz. */
    clockMhz: z.tuple([z.number(), z.number()]).readonly().nullable(),
    /** Processes that were running or waiting on average over the last minute. */
    load: z.number().nullable(),
    /** Hottest sensor, °C. */
    temperatureC: z.number().nullable(),
  })
  .readonly();
export type HostState = z.infer<typeof hostStateSchema>;

/** A latency that was predicted, with its interval; all in ms. */
export const predictedSchema = z
  .strictObject({ medianMs: z.number(), lowMs: z.number(), highMs: z.number() })
  .readonly();
export type Predicted = z.infer<typeof predictedSchema>;

/** A latency with its spread on one platform: never a bare number. All in ms. */
const latencyFields = {
  source: latencySourceSchema,
  platform: z.string(),
  /**
   * What comparisons use. Measured: the median of the fastest tenth of runs, on the scale of the device's first
   * session; what a run takes that nothing disturbs.
   */
  medianMs: msSchema,
  /** Of all runs, on the same scale. */
  madMs: z.number(),
  p90Ms: z.number(),
  /** 95 % bootstrap interval of `medianMs`. */
  lowMs: z.number(),
  highMs: z.number(),
  runs: z.int(),
  batch: z.int(),
  /** Digest of the device's fingerprint; numbers of different fingerprints are never compared. */
  fingerprint: z.string(),
  /** Every timed run as it was, in order of time, uncorrected; `correctedSamplesMs` puts them on the scale of `medianMs`. */
  samplesMs: z.array(z.number()).readonly(),
  /** Median of all runs, disturbed ones included, uncorrected; absent in older studies, where `medianMs` was that. */
  rawMedianMs: z.number().exactOptional(),
  /** The reference network of the same session; absent where none was timed (tables, predictions, older studies). */
  reference: referenceReadingSchema.exactOptional(),
  /**
   * A NetAdapt step's latency is its parent's times the ratio that one session measured; this is what the session's
   * corrected latencies were multiplied by for it. Absent elsewhere, and in older studies, whose steps' samples hold it.
   */
  seedFactor: z.number().positive().exactOptional(),
  /** The machine while it was timed; absent where nothing could be read. */
  hostState: hostStateSchema.exactOptional(),
  /** False: the interval did not become as narrow as asked before a cap on runs or time. */
  settled: z.boolean().exactOptional(),
  /** Step of the device's clock, ms of one run, where it is 1 % of the latency or more: no interval is narrower. */
  clockStepMs: z.number().positive().exactOptional(),
  /** What a table or a prediction had to do without, in words; absent where nothing was missing. */
  lacking: z.array(z.string()).readonly().exactOptional(),
  /** What was predicted before it was timed; absent where nothing was. */
  predicted: predictedSchema.exactOptional(),
};

/** A latency on a further platform, with its limit there. */
export const alsoRecordSchema = z
  .strictObject({ ...latencyFields, targetMs: z.number().positive() })
  .readonly();
export type AlsoRecord = z.infer<typeof alsoRecordSchema>;

const also = z.array(alsoRecordSchema).readonly().exactOptional();

/** A latency record; `also`: the same network on the study's further platforms, absent where the study has one. */
export const latencyRecordSchema = z.strictObject({ ...latencyFields, also }).readonly();
export type LatencyRecord = z.infer<typeof latencyRecordSchema>;

/** A median latency and its 95 % interval, ms. */
export const latencyBandSchema = z
  .strictObject({
    medianMs: latencyFields.medianMs,
    lowMs: latencyFields.lowMs,
    highMs: latencyFields.highMs,
  })
  .readonly();
export type LatencyBand = z.infer<typeof latencyBandSchema>;
