import { parseDataName } from '../../data/index.js';
import type { TrialKind, TrialReader } from '../../trials/index.js';
import { factsOf } from './data-facts.js';
import { specOf } from './studies.js';

/** Pictures in the training and the test set as their publishers ship them. */
const PUBLISHED = Object.freeze({
  'fashion-mnist': { training: 60_000, test: 10_000 },
  cifar10: { training: 50_000, test: 10_000 },
});

/**
 * How many pictures a study's accuracies of that kind of trial were counted on: the test set for `retrain`, the held-out
 * part for all others. Null where neither the study nor the data set's name says.
 */
export function picturesEvaluated(reader: TrialReader, kind: TrialKind): number | null {
  const { data } = specOf(reader);
  const name = parseDataName(data.name);
  const published = name.kind === 'images' ? null : PUBLISHED[name.kind];
  if (kind === 'retrain') return published?.test ?? null;
  const stored = factsOf(reader)?.heldOut;
  if (stored !== undefined || published === null) return stored ?? null;
  return Math.round(Math.min(published.training, data.limit ?? Infinity) * data.heldOut);
}
