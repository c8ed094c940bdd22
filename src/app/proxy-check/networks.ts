import { createRng } from '../../core/index.js';
import { costsOf, formatArchitecture, type Costs, type Genome, type SearchSpace } from '../../space/index.js';

/** A network of the space, as its trials will have it. */
export interface SpaceNetwork extends Costs {
  readonly genome: Genome;
  readonly text: string;
}

/** Genomes drawn for each network that is wanted. */
const DRAWN = 20;

/**
 * Different random networks of a space, spread evenly over the multiply-adds that random networks have; in ascending order of them.
 * In parts of one network.
 * @returns fewer than `count` where the space has no more
 */
export function* spreadNetworks(
  space: SearchSpace,
  count: number,
  seed: string,
): Generator<void, readonly SpaceNetwork[]> {
  const rng = createRng(seed).fork('proxy-check');
  const drawn = new Map<string, SpaceNetwork>();
  for (let i = 0; i < DRAWN * count; i++) {
    yield;
    const genome = space.sample(rng);
    try {
      const architecture = space.decode(genome);
      const text = formatArchitecture(architecture);
      drawn.set(text, { genome, text, ...costsOf(architecture) });
    } catch {
      // A user's own space may not decode all.
    }
  }
  const sorted = [...drawn.values()].sort((a, b) => a.madds - b.madds || (a.text < b.text ? -1 : 1));
  return spreadOver(sorted, count);
}

/** `count` of a list, evenly from its one end to the other; all where it has no more. */
export function spreadOver<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / count)] as T);
}
