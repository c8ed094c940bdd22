import { z } from 'zod';

/**
 * Scripted misfortune of the test double. `crash`: the host is killed (SIGKILL). `abort`: the same
 * after a line on stderr, as when native code runs out of memory. `hang`: the thread blocks inside a step and hears
 * nothing. `throw`, `memory`: the job throws; `error`: a user's error. `nospace`: the system
 * reports a full disk. `diverge`: the loss is NaN.
 */
export const fakeFaultSchema = z.strictObject({
  kind: z.enum(['crash', 'abort', 'hang', 'throw', 'error', 'memory', 'diverge', 'nospace']),
  /** Trials it befalls; null: every one. */
  trials: z.array(z.int()).nullable(),
  /** Number of first attempts at each trial that it affects. */
  attempts: z.int().min(1),
});
export type FakeFault = z.infer<typeof fakeFaultSchema>;

/**
 * A test double for training and timing, never a result: accuracy and latency are computed from the architecture
 * (its multiply-adds, a little noise from its digest), steps sleep, faults are scripted. Runs in the real
 * processes and threads. Only a specification can choose it.
 */
export const fakeBackendSchema = z.strictObject({
  kind: z.literal('fake'),
  /** Steps per epoch. */
  steps: z.int().min(1).default(5),
  /** What a step sleeps, in ms. */
  stepMs: z.number().min(0).default(1),
  /** What a timing sleeps, in ms. */
  timingMs: z.number().min(0).default(1),
  /** Multiply-adds that take a millisecond. */
  maddsPerMs: z.number().positive().default(2e6),
  faults: z.array(fakeFaultSchema).default([]),
  /** `exit`: the host dies before it is ready, whenever it is started; `error`: it finds a user's error. */
  startUp: z.enum(['well', 'exit', 'error']).default('well'),
});
export type FakeBackendSpec = z.infer<typeof fakeBackendSchema>;
