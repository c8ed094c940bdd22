import { createRng } from '../../src/core/index.js';
import { buildNetwork, foreignWeights, libraryOf, type LibraryName } from '../../src/network/index.js';
import type { Architecture } from '../../src/space/index.js';
import { forward } from './forward.js';
import { relativeError } from './samples.js';

/** What foreign.py writes next to a file: a picture [channels, height, width] and the library's logits. */
export interface Computed {
  readonly picture: readonly number[];
  readonly logits: readonly number[];
}

/** The architecture with the padding of the library that the file comes from. */
export function padded(architecture: Architecture, bytes: Uint8Array, library?: LibraryName): Architecture {
  return libraryOf(bytes, library).padding === 'symmetric'
    ? { ...architecture, padding: 'symmetric' }
    : architecture;
}

/** How much our forward pass differs from what the library computed, relative to its largest logit. */
export function difference(
  architecture: Architecture,
  bytes: Uint8Array,
  { picture, logits }: Computed,
  library?: LibraryName,
): number {
  const network = buildNetwork(padded(architecture, bytes, library));
  const epsilon = 1e-3;
  const { weights } = foreignWeights(bytes, { network, epsilon, rng: createRng('head'), library });
  const [height, width, channels] = network.input;
  const pixels = height * width;
  const input = Float64Array.from({ length: pixels * channels }, (_, i) => {
    return picture[(i % channels) * pixels + Math.floor(i / channels)] ?? Number.NaN;
  });
  return relativeError(forward(network, weights, input, epsilon), logits);
}
