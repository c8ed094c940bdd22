import { z } from 'zod';
import { digest, type Json } from '../../core/index.js';
import { latencyRecordSchema, readStored, type TrialReader, type TrialStore } from '../../trials/index.js';
import type { StudySpec } from '../study/spec.js';

const SETTINGS = 'proxyCheck';

const settingsSchema = z.strictObject({
  networks: z.array(
    z.strictObject({
      genome: z.array(z.int()),
      text: z.string(),
      params: z.number(),
      madds: z.number(),
      latency: latencyRecordSchema,
    }),
  ),
  /** Trainings of each network by each schedule. */
  repeats: z.int().min(1),
  longSteps: z.int().min(1),
});
/** What a proxy check trains; noted before its first training. */
export type ProxyCheckSettings = Readonly<z.infer<typeof settingsSchema>>;

export function noteSettings(store: TrialStore, settings: ProxyCheckSettings): void {
  store.note(SETTINGS, settings satisfies z.input<typeof settingsSchema>);
}

/** Undefined where the study is no proxy check, or was interrupted before its networks were timed. */
export function settingsOf(reader: TrialReader): ProxyCheckSettings | undefined {
  return readStored(settingsSchema, reader.noted(SETTINGS));
}

export const SCHEDULES = ['short', 'long'] as const;
export type Schedule = (typeof SCHEDULES)[number];

const noteSchema = z.strictObject({
  proxyCheck: z.strictObject({ schedule: z.enum(SCHEDULES), network: z.int(), repeat: z.int() }),
});
/** Which training of a check a trial is. */
export type CheckedTraining = z.infer<typeof noteSchema>['proxyCheck'];

export function trainingNote(proxyCheck: CheckedTraining): Json {
  return { proxyCheck } satisfies z.input<typeof noteSchema>;
}

export function trainingOf(note: Json): CheckedTraining | undefined {
  return readStored(noteSchema, note)?.proxyCheck;
}

/** What the answer of a check depends on: searches of the same digest are answered by it. */
export function proxyDigest({ data, task, space, recipe, proxy }: StudySpec, spaceDigest: string): string {
  const { name, size, limit } = data;
  return digest({
    data: { name, size, limit },
    task,
    space: { name: space.name, spaceDigest },
    recipe,
    proxy,
  });
}
