import { createHash } from 'node:crypto';
import { NasError } from '../core/index.js';
import type { Network, Weights } from './network.js';
import { assertWeights, numbers } from './numbers.js';
import { encodeTensors, readFloats } from './safetensors.js';
import { parseHeader, TENSOR_TYPES, type Header } from './weights-header.js';

const FORMAT = 'platform-nas-weights-1';

/**
 * A weight file is a safetensors file with the numbers in the network's order, so Python opens it too. `__metadata__`
 * holds `format`, `text` (the text form of the architecture, or '') and `sha256` of the numbers' bytes.
 */
export function encodeWeights(network: Network, weights: Weights, text = ''): Uint8Array {
  assertWeights(network, weights);
  const tensors = network.parameters.map(({ name, shape, layer, role }) => ({
    name,
    shape,
    values: numbers(weights, layer, role),
  }));
  return encodeTensors(tensors, (data) => ({ format: FORMAT, text, sha256: sha256(data) }));
}

/** Whether a safetensors file says that it is one of ours. @throws NasError `NAS_BAD_WEIGHTS` for no such file */
export function isOwnWeights(bytes: Uint8Array): boolean {
  return parseHeader(bytes, TENSOR_TYPES).metadata.get('format') === FORMAT;
}

/**
 * The weights of `network` in a file's bytes, which are not trusted.
 * @throws NasError `NAS_BAD_WEIGHTS` when they are damaged, cut short, of another format or of another network
 */
export function decodeWeights(bytes: Uint8Array, network: Network): Weights {
  const header = parseHeader(bytes);
  const data = bytes.subarray(header.start);
  checkMetadata(header, data);
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of network.parameters) {
    const tensor = header.tensors.get(name);
    const expected = `${name} of shape [${shape.join(', ')}]`;
    if (tensor === undefined) throw badWeights(`a weight file without ${name}`, expected);
    if (tensor.shape.join() !== shape.join())
      throw badWeights(`weights ${name} of shape [${tensor.shape.join(', ')}]`, expected);
    weights.set(name, readFloats(data.subarray(tensor.begin, tensor.end)));
  }
  const extra = [...header.tensors.keys()].find((name) => !weights.has(name));
  if (extra !== undefined)
    throw badWeights(`weights ${JSON.stringify(extra.slice(0, 80))}`, 'another network');
  return weights;
}

/** The text form of the architecture that a weight file belongs to, '' where it was not noted. @throws as {@link decodeWeights} */
export function textOfWeights(bytes: Uint8Array): string {
  return parseHeader(bytes).metadata.get('text') ?? '';
}

function checkMetadata({ metadata }: Header, data: Uint8Array): void {
  const format = metadata.get('format');
  if (format !== FORMAT)
    throw badWeights(`a weight file of format ${JSON.stringify((format ?? '').slice(0, 40))}`, FORMAT);
  const stated = metadata.get('sha256');
  const actual = sha256(data);
  if (stated !== actual)
    throw badWeights(
      `a damaged weight file (checksum ${actual.slice(0, 12)}…)`,
      `checksum ${stated?.slice(0, 12) ?? 'noted'}`,
    );
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function badWeights(found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_BAD_WEIGHTS',
    found,
    expected,
    fix: 'use the weight file of this very architecture, or train it again',
  });
}
