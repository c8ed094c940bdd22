import { existsSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TensorflowOptions } from '../../backends/index.js';
import { createRng } from '../../core/index.js';
import { relativeError, type TrainedNetwork } from '../../export/index.js';
import { buildNetwork } from '../../network/index.js';
import type { Shape } from '../../space/index.js';
import type { Places } from '../environment.js';
import { computesOtherwise } from '../study/differing.js';
import { forwardAside } from './graph-process.js';
import { agrees, allowance, nudged } from './rounding.js';
import { normalised } from './stored-accuracy.js';

/** Random pictures that are compared number by number. */
export const COMPARED = 2;

/** {@link COMPARED} pictures of random bytes, the same ones each time: count × H × W × C. */
export function randomPictures([height, width, channels]: Shape): Uint8Array {
  const rng = createRng('export check');
  return Uint8Array.from({ length: COMPARED * height * width * channels }, () => rng.integer(256));
}

/** The same pictures as an exported network of that architecture reads them, channels last. */
export function randomInput(trained: TrainedNetwork): Float32Array {
  const shape = trained.architecture.input;
  return normalised({ images: randomPictures(shape), shape }, trained);
}

export interface OwnPass {
  readonly places: Places;
  readonly flavour: 'cpu' | 'gpu';
}

/**
 * Holds logits that someone computed of {@link randomInput} against our own forward pass.
 * @param by who computed them, as a sentence begins
 * @returns the largest relative difference
 * @throws NasError `NAS_EXPORT_DIFFERS`
 */
export async function requireOwnLogits(
  found: ArrayLike<number>,
  by: string,
  trained: TrainedNetwork,
  { places, flavour }: OwnPass,
): Promise<number> {
  const network = buildNetwork(trained.architecture);
  const own = async (weights: TrainedNetwork['weights']): Promise<Float32Array> => {
    const tensorflow = tensorflowOptions(places, flavour);
    const request = { networks: [network], weights, epsilon: trained.epsilon, batch: COMPARED, tensorflow };
    const [logits] = await forwardAside({ ...request, input: randomInput(trained) });
    return logits as Float32Array;
  };
  const expected = await own(trained.weights);
  const difference = relativeError(found, expected);
  if (agrees(difference)) return difference;
  const allowed = allowance(expected, await own(nudged(trained.weights)));
  if (difference <= allowed) return difference;
  const compared = { by, output: 'logits', found, expected, count: COMPARED, difference, allowed };
  throw computesOtherwise(compared, trained);
}

/** Null where TensorFlow is not set up. */
export function tensorflowOptions(
  { tensorflow: directory }: Places,
  flavour: 'cpu' | 'gpu',
): TensorflowOptions | null {
  if (!existsSync(join(directory, flavour, 'tfjs_binding.node'))) return null;
  const temporaryFolder = tmpdir();
  return { directory, flavour, threads: availableParallelism(), temporaryFolder, cpuAllowed: true };
}
