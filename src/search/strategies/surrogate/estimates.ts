import type { Genome } from '../../../space/index.js';
import type { Model } from './model.js';

/**
 * What networks are taken to be worth, in normal scores: half of what the model expects of their like and half of what their own
 * training showed, since the model can't tell the noise of a training from what is a network's own. Of one that was not trained,
 * or that the model has left out, what the model expects.
 */
export function estimatesOf(
  { features, posterior, rows, scores }: Model,
  genomes: readonly Genome[],
): readonly number[] {
  const indices = new Map(rows.map(({ genome }, i) => [genome.join(), i]));
  return genomes.map((genome) => {
    const i = indices.get(genome.join());
    const point = features.of(genome, i === undefined ? null : (rows[i]?.latency ?? null));
    const mean = posterior.mean(posterior.similarity(point));
    return i === undefined ? mean : (mean + (scores[i] ?? 0)) / 2;
  });
}
