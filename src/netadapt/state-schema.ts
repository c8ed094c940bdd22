import { z } from 'zod';
import { latencyBandSchema, latencyRecordSchema } from '../trials/index.js';

/** Every shape that a refinement's progress consists of, as the store notes it. */

const whole = z.int().nonnegative();

export const DIMENSION_KINDS = [
  'expansion',
  'bottleneck',
  'features',
  'hidden',
  'stem',
  'squeeze',
  'kernel',
  'depth',
] as const;

/** Something of a network that can be made narrower, or otherwise smaller. */
const dimensionSchema = z
  .strictObject({
    /**
     * `expansion` and `bottleneck` are the two proposals of MobileNetV3 §4.2; `features` (a last convolution) and
     * `hidden` (a dense layer before the classifier), `stem` (the first convolution) and `squeeze` (the squeezed width of one
     * block) are extra, and so are two that are no widths: `kernel` (of a block's depthwise convolutions, the side of the
     * larger one) and `depth` (1: a block that may be left out; 0 without it).
     */
    kind: z.enum(DIMENSION_KINDS),
    /** The blocks that change together, ascending: one, or all that share a residual sum. */
    blocks: z.array(whole).readonly(),
    /** Present width. */
    width: whole,
  })
  .readonly();
export type Dimension = z.infer<typeof dimensionSchema>;
export type DimensionKind = Dimension['kind'];

/** What one network saves against another, ms, with the least it saves at 95 % confidence. */
const pairedSavingSchema = z.strictObject({ savedMs: z.number(), leastMs: z.number() }).readonly();
export type PairedSaving = z.infer<typeof pairedSavingSchema>;

/** A narrower network with a measured, significant drop of at least δ. */
const candidateSchema = z
  .strictObject({
    dimension: dimensionSchema,
    /** The new width of the dimension. */
    to: whole,
    /** Text form of the narrower architecture. */
    text: z.string(),
    /**
     * Of the network it is made from and of itself, taken interleaved in one session; with several platforms, where
     * each is on its binding platform.
     */
    before: latencyBandSchema,
    after: latencyBandSchema,
    /** Its own latency as measured, on every platform. */
    record: latencyRecordSchema,
    /** The median before, platform by platform, in the same session. */
    presentMs: z.array(z.number()).readonly(),
    /** Their samples held against each other moment by moment; undefined where there are too few. */
    paired: pairedSavingSchema.optional(),
  })
  .readonly();
export type Candidate = z.infer<typeof candidateSchema>;

/** A measured point of an offset in ms against the width at which the dimension was first met (negative: faster). */
const curveSampleSchema = z.strictObject({ width: whole, offsetMs: z.number() }).readonly();
export type CurveSample = z.infer<typeof curveSampleSchema>;

/** An accepted step: a network of the lineage, one proposal away from its parent. */
const acceptedStepSchema = z
  .strictObject({
    /** From 1. */
    step: whole,
    /** Trial of kind `netadapt`, and of kind `proposal` that it was accepted from. */
    trial: whole,
    proposal: whole,
    /** What was narrowed, as `expansion:3` or `bottleneck:2,3`, and its widths. */
    dimension: z.string(),
    from: whole,
    to: whole,
    /** Latency before and after the step, on the scale of the seed's; their ratio is that of one interleaved session. */
    fromMs: z.number(),
    toMs: z.number(),
    /**
     * Held-out accuracy minus that of the step's control; minus the parent's in studies of earlier versions, and where the
     * control was not trained to its end.
     */
    accuracyChange: z.number(),
    /** Held-out loss likewise; undefined where it is not known. */
    lossChange: z.number().optional(),
    /** The control's trial, of kind `proposal`; undefined where there is none that was trained to its end. */
    control: whole.optional(),
    /** Proposals trained in this step. */
    tried: whole,
  })
  .readonly();
export type AcceptedStep = z.infer<typeof acceptedStepSchema>;

export const refineStateSchema = z.strictObject({
  version: z.literal(1),
  /** Latency of the trial it started from, ms; δ is a share of it. */
  seedMs: z.number().positive(),
  accepted: z.array(acceptedStepSchema).readonly(),
  curves: z.array(
    z.strictObject({ key: z.string(), points: z.array(curveSampleSchema).readonly() }).readonly(),
  ),
  /** Candidates of the current step, all measured, null between steps. */
  pending: z.array(candidateSchema).readonly().nullable(),
});
