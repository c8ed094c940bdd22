import { z } from 'zod';
import { deepFreeze, ms, type Json } from '../core/index.js';
import type { LatencyRecord } from '../trials/index.js';
import type { Candidate, Curves } from './candidates.js';

/** An accepted step: a network of the family, one proposal away from its parent. */
export interface AcceptedStep {
  /** From 1. */
  readonly step: number;
  /** Trial of kind `netadapt`, and of kind `proposal` that it was accepted from. */
  readonly trial: number;
  readonly proposal: number;
  /** What was narrowed, as `expansion:3` or `bottleneck:2,3`, and its widths. */
  readonly dimension: string;
  readonly from: number;
  readonly to: number;
  /** Latency before and after the step, on the scale of the seed's; their ratio is that of one interleaved session. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Held-out accuracy after minus before the step. */
  readonly accuracyChange: number;
  /** Proposals trained in this step. */
  readonly tried: number;
}

/** Progress of one refinement, noted in the store after every change: whatever kills the process, it goes on here. */
export interface RefineState {
  /** Latency of the trial it started from, ms; δ is a share of it. */
  readonly seedMs: number;
  readonly accepted: readonly AcceptedStep[];
  readonly curves: Curves;
  /** Candidates of the step under way, all measured, null between steps. */
  readonly pending: readonly Candidate[] | null;
}

const whole = z.number().int().nonnegative();
const duration = z
  .number()
  .nonnegative()
  .transform((value) => ms(value));
const band = z.object({ medianMs: duration, lowMs: z.number(), highMs: z.number() });
/** Written and read by this program alone: what is not named here is kept as it is. */
const record = z.looseObject({
  source: z.enum(['measured', 'table', 'predicted']),
  platform: z.string(),
  medianMs: duration,
  madMs: z.number(),
  p90Ms: duration,
  lowMs: z.number(),
  highMs: z.number(),
  runs: whole,
  batch: whole,
  fingerprint: z.string(),
  samplesMs: z.array(z.number()),
}) as unknown as z.ZodType<LatencyRecord>;
const schema = z.object({
  version: z.literal(1),
  seedMs: z.number().positive(),
  accepted: z.array(
    z.object({
      step: whole,
      trial: whole,
      proposal: whole,
      dimension: z.string(),
      from: whole,
      to: whole,
      fromMs: z.number(),
      toMs: z.number(),
      accuracyChange: z.number(),
      tried: whole,
    }),
  ),
  curves: z.array(
    z.object({
      key: z.string(),
      points: z.array(z.object({ width: whole, offsetMs: z.number() })),
    }),
  ),
  pending: z
    .array(
      z.object({
        dimension: z.object({
          kind: z.enum(['expansion', 'bottleneck', 'features', 'hidden']),
          blocks: z.array(whole),
          width: whole,
        }),
        to: whole,
        text: z.string(),
        before: band,
        after: band,
        record,
        presentMs: z.array(z.number()),
        paired: z.object({ savedMs: z.number(), leastMs: z.number() }).optional(),
      }),
    )
    .nullable(),
});

/** Name of the note that holds a refinement's progress; another target is another refinement. */
export function noteKey(trial: number, targetMs: number): string {
  return `netadapt/${trial}/${targetMs}`;
}

export function stateToJson(state: RefineState): Json {
  const curves = [...state.curves].map(([key, curve]) => ({ key, points: curve.points }));
  return structuredClone({ version: 1, ...state, curves }) as unknown as Json;
}

/** The noted state; undefined for none or one of another make, with which a refinement begins anew. */
export function stateFromJson(value: Json | undefined): RefineState | undefined {
  const parsed = schema.safeParse(value);
  if (!parsed.success) return undefined;
  const { seedMs, accepted, pending, curves } = parsed.data;
  return {
    ...deepFreeze({ seedMs, accepted, pending }),
    curves: new Map(curves.map(({ key, points }) => [key, { points }])),
  };
}
