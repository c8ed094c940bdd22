import type { Pause } from '../../core/index.js';
import type { Genome, SearchSpace } from '../../space/index.js';
import { decoded, isUndecodable } from './undecodable.js';

/** Spaces of more genomes are not gone through. */
const MOST_GENOMES = 5000n;

/**
 * The different architectures of a small space, in the order of their first genomes: text → genome. Null for a space too
 * large to go through.
 */
export async function networksOf(
  space: SearchSpace,
  pause: Pause,
): Promise<ReadonlyMap<string, Genome> | null> {
  if (space.size > MOST_GENOMES) return null;
  const networks = new Map<string, Genome>();
  for (let index = 0; index < Number(space.size); index++) {
    const genome = genomeAt(space, index);
    const { text } = decoded(space, genome);
    if (!networks.has(text)) networks.set(text, genome);
    await pause();
  }
  return networks;
}

/** How many of them are architectures: a space may have genomes that it cannot decode. */
export function countDecodable(networks: ReadonlyMap<string, Genome>): number {
  return [...networks.keys()].filter((text) => !isUndecodable(text)).length;
}

/** The genomes of a space counted through, the last choice first. */
function genomeAt({ choices }: SearchSpace, index: number): Genome {
  let rest = index;
  const genes = choices.toReversed().map(({ options }) => {
    const gene = rest % options.length;
    rest = Math.floor(rest / options.length);
    return gene;
  });
  return genes.reverse();
}
