import { z } from 'zod';
import type { JsonObject } from '../../core/index.js';
import type { DataSet } from '../../data/index.js';
import type { TrialReader, TrialStore } from '../../trials/index.js';

const chanceSchema = z.object({ share: z.number(), pictures: z.int() });

/** What of a data set an exported network needs: kept with the study, so that exporting needs no data. */
const factsSchema = z.object({
  classes: z.array(z.string()),
  mean: z.array(z.number()),
  deviation: z.array(z.number()),
  /** Pictures that held-out accuracies are counted on; older studies did not keep it. */
  heldOut: z.int().positive().optional(),
  /** What always naming the largest class has right; older studies did not keep it. */
  chance: z.object({ heldOut: chanceSchema, test: chanceSchema }).optional(),
});
export type DataFacts = z.infer<typeof factsSchema>;

const NOTE = 'data';

export function keepFacts(
  store: TrialStore,
  { classes, mean, deviation, split }: Pick<DataSet, 'classes' | 'mean' | 'deviation'> & Partial<DataSet>,
  chance?: DataFacts['chance'],
): void {
  const facts: JsonObject = {
    classes: [...classes],
    mean: [...mean],
    deviation: [...deviation],
    ...(split === undefined ? {} : { heldOut: split.validation.length }),
    ...(chance === undefined ? {} : { chance }),
  };
  store.note(NOTE, facts);
}

export function factsOf(reader: TrialReader): DataFacts | undefined {
  return factsSchema.safeParse(reader.noted(NOTE)).data;
}
