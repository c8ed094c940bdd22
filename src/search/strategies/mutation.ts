import type { Rng } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import type { LatencyOf } from './strategy.js';

/** The genome with one choice, drawn uniformly of those that leave one, at another of its options. */
export function mutated({ choices }: SearchSpace, genome: Genome, rng: Rng): Genome {
  const open = choices.flatMap(({ options }, i) => (options.length > 1 ? [i] : []));
  if (open.length === 0) return genome;
  const at = rng.pick(open);
  const others = (choices[at]?.options.length ?? 1) - 1;
  const other = rng.integer(others);
  return genome.with(at, other >= (genome[at] ?? 0) ? other + 1 : other);
}

/** Each gene of either parent, with equal chance. */
export function crossed(a: Genome, b: Genome, rng: Rng): Genome {
  return a.map((gene, i) => (rng.uniform() < 0.5 ? gene : (b[i] ?? gene)));
}

/**
 * The first genome drawn that is predicted within the target, or of which nothing is known; where there was none, the one
 * that was the least over it. In parts of some predictions.
 * @param draws how many are drawn at most
 */
export function* drawWithin(
  draw: () => Genome,
  latencyOf: LatencyOf | undefined,
  draws: number,
): Generator<void, Genome> {
  let least: { readonly genome: Genome; readonly median: number } | undefined;
  for (let i = 0; i < draws; i++) {
    const genome = draw();
    const latency = latencyOf?.(genome) ?? null;
    if (latency === null || latency.median <= 1) return genome;
    if (least === undefined || latency.median < least.median) least = { genome, median: latency.median };
    if (i % 8 === 7) yield;
  }
  return least?.genome ?? draw();
}
