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
