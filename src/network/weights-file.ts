import { createHash } from 'node:crypto';
import { NasError } from '../core/index.js';
import type { Network, Weights } from './network.js';
import { assertWeights, numbers } from './numbers.js';
import { parseHeader, type Header } from './weights-header.js';

const FORMAT = 'platform-nas-weights-1';

/**
 * A weight file is a safetensors file (8 bytes header length, little-endian; JSON header; numbers as little-endian
 * float32 in the network's order), so Python opens it too. `__metadata__` holds `format`, `text` (the text form of
 * the architecture, or '') and `sha256` of the numbers' bytes.
 */
export function encodeWeights(network: Network, weights: Weights, text = ''): Uint8Array {
  assertWeights(network, weights);
  const tensors: Record<string, unknown> = {};
  let end = 0;
  for (const { name, shape, size } of network.parameters) {
    tensors[name] = { dtype: 'F32', shape, data_offsets: [end, end + 4 * size] };
    end += 4 * size;
  }
  const data = new Uint8Array(end);
  const view = new DataView(data.buffer);
  let at = 0;
  for (const { layer, role } of network.parameters) {
    for (const value of numbers(weights, layer, role)) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  const metadata = { format: FORMAT, text, sha256: sha256(data) };
  const json = JSON.stringify({ __metadata__: metadata, ...tensors });
  const header = new TextEncoder().encode(json);
  // safetensors pads its header with spaces, so that the numbers begin at a multiple of eight.
  const length = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + end).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + length);
  return bytes;
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
  for (const { name, shape, size } of network.parameters) {
    const tensor = header.tensors.get(name);
    const expected = `${name} of shape [${shape.join(', ')}]`;
    if (tensor === undefined) throw badWeights(`a weight file without ${name}`, expected);
    if (tensor.shape.join() !== shape.join())
      throw badWeights(`weights ${name} of shape [${tensor.shape.join(', ')}]`, expected);
    weights.set(name, readFloats(data.subarray(tensor.begin, tensor.end), size));
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

function readFloats(bytes: Uint8Array, size: number): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
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
