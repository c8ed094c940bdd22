import { studySpecSchema, type StudySpec } from './spec.js';
import { specOf } from './studies.js';
import type { TrialReader, TrialStore } from '../../trials/index.js';

const NOTE = 'keep';

/** The specification as a resumed study begins with: which weights are kept is what was last asked for. */
export function storedSpec(reader: TrialReader): StudySpec {
  const spec = specOf(reader);
  const keep = studySpecSchema.shape.keep.safeParse(reader.noted(NOTE)).data;
  return keep === undefined ? spec : { ...spec, keep };
}

/** Remembers which weights are kept from now on, so that the next session does not drop what this one was asked to keep. */
export function noteKeep(store: TrialStore, { keep }: Pick<StudySpec, 'keep'>): void {
  if (keep !== undefined && keep !== storedSpec(store).keep) store.note(NOTE, keep);
}
