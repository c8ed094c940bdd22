import { z } from 'zod';
import type { TensorflowOptions } from '../../backends/index.js';

export type ProbeOptions = TensorflowOptions;

const platformProbe = z.union([
  z.object({
    platform: z.string(),
    medianMs: z.number(),
    lowMs: z.number(),
    highMs: z.number(),
    runs: z.number(),
  }),
  z.object({ platform: z.string(), problem: z.string() }),
]);
export type PlatformProbe = z.infer<typeof platformProbe>;

const answer = z.object({
  device: z.enum(['cpu', 'gpu']),
  name: z.string(),
  versions: z.record(z.string(), z.string()),
  loadMs: z.number(),
  stepMs: z.number(),
  /** JSON has no NaN; a diverged step's loss arrives as null. */
  loss: z.number().nullable(),
  latency: z.array(platformProbe),
});
export type ProbeAnswer = z.infer<typeof answer>;

/** What the probe printed, or why it could not: its own reason, or that it ended without one. */
export function parseAnswer(stdout: string): ProbeAnswer | { readonly problem: string } {
  const last = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return z.union([answer, z.object({ problem: z.string() })]).parse(JSON.parse(last));
  } catch {
    return { problem: 'the process ended without an answer' };
  }
}
