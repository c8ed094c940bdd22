import { NasError } from '../core/index.js';
import type { Tensor } from './weights-header.js';

/** Numbers to be written under a name. */
export interface NamedNumbers {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/**
 * A safetensors file: 8 bytes header length, little-endian; JSON header; numbers as little-endian float32 in the given
 * order. `metadata` gets the numbers' bytes, for their checksum, and becomes the header's `__metadata__`.
 */
export function encodeTensors(
  tensors: readonly NamedNumbers[],
  metadata: (data: Uint8Array) => Readonly<Record<string, string>>,
): Uint8Array {
  const places: Record<string, unknown> = {};
  const data = new Uint8Array(tensors.reduce((sum, { values }) => sum + 4 * values.length, 0));
  const view = new DataView(data.buffer);
  let at = 0;
  for (const { name, shape, values } of tensors) {
    places[name] = { dtype: 'F32', shape, data_offsets: [at, at + 4 * values.length] };
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  const header = new TextEncoder().encode(JSON.stringify({ __metadata__: metadata(data), ...places }));
  // safetensors pads its header with spaces, so that the numbers begin at a multiple of eight.
  const length = Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(8 + length + at).fill(0x20, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(header, 8);
  bytes.set(data, 8 + length);
  return bytes;
}

/** The numbers between two bytes of a file, copied. */
export function readFloats(bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

/** The numbers of a tensor as float32, of whatever floating-point type they are. @throws NasError `NAS_BAD_WEIGHTS` */
export function readTensor({ type, begin, end }: Tensor, data: Uint8Array): Float32Array {
  const bytes = data.subarray(begin, end);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case 'F32':
      return readFloats(bytes);
    case 'F64':
      return Float32Array.from({ length: bytes.length / 8 }, (_, i) => view.getFloat64(8 * i, true));
    case 'F16':
      return Float32Array.from({ length: bytes.length / 2 }, (_, i) => half(view.getUint16(2 * i, true)));
    case 'BF16': {
      const words = Uint32Array.from(
        { length: bytes.length / 2 },
        (_, i) => view.getUint16(2 * i, true) << 16,
      );
      return new Float32Array(words.buffer);
    }
    default:
      throw new NasError({
        code: 'NAS_BAD_WEIGHTS',
        found: `weights of type ${type}`,
        expected: 'F32, F64, F16 or BF16',
        fix: 'save the weights as floating-point numbers',
      });
  }
}

/** IEEE 754 half precision. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
