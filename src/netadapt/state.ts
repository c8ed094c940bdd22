import type { z } from 'zod';
import { deepFreeze, type Json } from '../core/index.js';
import { readStored } from '../trials/index.js';
import type { Curves } from './candidates.js';
import { refineStateSchema } from './state-schema.js';

type Noted = z.infer<typeof refineStateSchema>;

/** Progress of one refinement, noted in the store after every change: however the process ends, it resumes here. */
export interface RefineState extends Readonly<Omit<Noted, 'version' | 'curves'>> {
  readonly curves: Curves;
}

/** Name of the note that holds a refinement's progress; another target is another refinement. */
export function noteKey(trial: number, targetMs: number): string {
  return `netadapt/${trial}/${targetMs}`;
}

export function stateToJson({ seedMs, accepted, curves, pending }: RefineState): Json {
  const noted: Noted = {
    version: 1,
    seedMs,
    accepted,
    curves: [...curves].map(([key, curve]) => ({ key, points: curve.points })),
    pending,
  };
  return structuredClone(noted) as unknown as Json;
}

/** The noted state; undefined for none or one of another shape, with which a refinement starts over. */
export function stateFromJson(value: Json | undefined): RefineState | undefined {
  const noted = readStored(refineStateSchema, value);
  if (noted === undefined) return undefined;
  const { seedMs, accepted, pending, curves } = noted;
  return {
    ...deepFreeze({ seedMs, accepted, pending }),
    curves: new Map(curves.map(({ key, points }) => [key, { points }])),
  };
}
