import { z } from 'zod';

/** What a process that times for a table receives, and what it answers; plain data between two of our own processes. */

const count = z.int().min(1);

export const latencyJobSchema = z.strictObject({
  kind: z.enum(['build', 'validate']),
  /** As `resolvePlatform` writes it. */
  platform: z.string(),
  /** The same where it may run a program or get an agent's token, which must be said. */
  trusted: z.array(z.string()).readonly(),
  space: z.strictObject({ name: z.string(), yaml: z.string().nullable() }),
  task: z.strictObject({ input: z.tuple([count, count, count]), classes: count.min(2) }),
  batch: count,
  threads: count,
  flavour: z.enum(['cpu', 'gpu']),
  /** Folder of the TensorFlow that `nas setup` made. */
  tensorflow: z.string(),
  /** Folder of what is known of devices. */
  latency: z.string(),
  /** The table's file; null: where tables of this device and space lie. Never null for `validate`. */
  file: z.string().nullable(),
  /** Of `build`. */
  widths: z.boolean(),
  /** Networks to fit the correction to (`build`), to hold the table against (`validate`). */
  networks: z.int().min(0),
  seed: z.string(),
});
export type LatencyJob = z.infer<typeof latencyJobSchema>;

export const latencyAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('progress'),
    phase: z.enum(['device', 'entries', 'networks']),
    done: z.number(),
    total: z.number(),
    secondsLeft: z.number().nullable(),
  }),
  z.strictObject({
    kind: z.literal('end'),
    file: z.string(),
    finished: z.boolean(),
    /** Lines timed now, and taken from other tables of the device. */
    timed: z.number(),
    taken: z.number(),
  }),
  z.strictObject({
    kind: z.literal('error'),
    code: z.string(),
    found: z.string(),
    expected: z.string().optional(),
    fix: z.string().optional(),
  }),
  z.strictObject({ kind: z.literal('bug'), message: z.string() }),
]);
export type LatencyAnswer = z.infer<typeof latencyAnswerSchema>;
export type LatencyEnd = Extract<LatencyAnswer, { kind: 'end' }>;
export type LatencyProgress = Extract<LatencyAnswer, { kind: 'progress' }>;
