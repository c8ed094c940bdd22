import { parseArchitecture, withoutBlock } from '../space/index.js';
import { buildNetwork } from './build.js';
import type { Network, Weights } from './network.js';
import { numbers } from './numbers.js';

/**
 * A network without one of its blocks, with the weights of all others: layers behind it are named by an index less.
 * @param text of the architecture that the weights are of
 * @throws RangeError for a block that `removableBlocks` does not list
 */
export function removeBlock(
  text: string,
  weights: Weights,
  block: number,
): { readonly network: Network; readonly weights: Weights } {
  const network = buildNetwork(withoutBlock(parseArchitecture(text), block));
  const before = new Map(
    network.layers.map(({ name, block: at }) => [
      name,
      at < block ? name : `${at + 1}${name.slice(String(at).length)}`,
    ]),
  );
  const kept = network.parameters.map(
    ({ name, layer, role }) => [name, numbers(weights, before.get(layer) ?? layer, role)] as const,
  );
  return { network, weights: new Map(kept) };
}
