import { z } from 'zod';
import {
  isOnDevices,
  latencyRecordSchema,
  readStored,
  type TrialReader,
  type TrialStore,
} from '../../trials/index.js';
import { studyDevices } from '../study/same-device.js';
import type { ScaledPreset } from './scale-preset.js';

const NOTE = 'run.scaled';

const scaledSchema = z.strictObject({
  targetMs: z.number(),
  preset: z.string(),
  multiplier: z.number(),
  text: z.string(),
  latency: latencyRecordSchema,
  meets: z.boolean(),
  /** Measured in full, and as wide as the target allows. */
  widest: z.literal(true).exactOptional(),
});

/** Keeps the preset that a study falls back to, so that it is timed once. */
export function notePreset(store: TrialStore, targetMs: number, scaled: ScaledPreset, widest = false): void {
  store.note(NOTE, { targetMs, ...scaled, ...(widest ? { widest } : {}) } satisfies z.input<
    typeof scaledSchema
  >);
}

/** Whether the noted preset needs no further look at its width. */
export function isWidest(reader: TrialReader): boolean {
  return readStored(scaledSchema, reader.noted(NOTE))?.widest === true;
}

/** The preset that was scaled to this target on the study's device; undefined where none was. */
export function notedPreset(reader: TrialReader, targetMs: number): ScaledPreset | undefined {
  const noted = readStored(scaledSchema, reader.noted(NOTE));
  if (noted?.targetMs !== targetMs) return undefined;
  const devices = studyDevices(reader);
  if (devices !== undefined && !isOnDevices(noted.latency, devices)) return undefined;
  const { preset, multiplier, text, latency, meets } = noted;
  return { preset, multiplier, text, latency, meets };
}
