import { withoutPauses, type Rng } from '../../../src/core/index.js';
import { featuresOf } from '../../../src/search/strategies/surrogate/features.js';
import { growTrees, meanOf } from '../../../src/search/strategies/surrogate/tree.js';
import { SPACE } from './nasbench201.js';
import type { Tried } from './table-search.js';

/** The surrogate's mean for each network tried, by a forest over all of them. */
export function smoothedScores(tried: readonly Tried[], rng: Rng): readonly number[] {
  const { of } = featuresOf(SPACE);
  const rows = tried.map(({ genome }) => of(genome, null));
  const scores = Float64Array.from(tried, ({ entry }) => entry.short);
  const forest = withoutPauses(growTrees(50, rows, scores, { featureShare: 0.4, leaf: 1 }, rng));
  return rows.map((row) => meanOf(forest, row));
}
