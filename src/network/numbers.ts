import type { Network, Role, Weights } from './network.js';

/**
 * The numbers of one parameter.
 * @throws RangeError when they are missing (a bug: files are checked where they are read)
 */
export function numbers(weights: Weights, layer: string, role: Role): Float32Array {
  const values = weights.get(`${layer}.${role}`);
  if (values === undefined) throw new RangeError(`no weights for ${layer}.${role}`);
  return values;
}

/** Checks that the weights are the network's: each parameter once, of its size, and nothing else. @throws RangeError */
export function assertWeights(network: Network, weights: Weights): void {
  for (const { name, size } of network.parameters) {
    const length = weights.get(name)?.length;
    if (length !== size) throw new RangeError(`weights of ${name}: ${length ?? 'none'}, expected ${size}`);
  }
  if (weights.size !== network.parameters.length) throw new RangeError('weights of another network');
}
