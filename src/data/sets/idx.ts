import { broken } from '../files.js';

/** A file in the IDX format of MNIST: unsigned bytes with their dimensions. */
export interface Idx {
  readonly dimensions: readonly number[];
  readonly values: Uint8Array;
}

const unsignedByte = 0x08;

/**
 * Reads an IDX file: two zero bytes, the type (8 for unsigned bytes), the number of dimensions, each dimension
 * as a big-endian 32-bit number, then the values.
 * @param file its name, for messages
 * @throws NasError `NAS_DATA_BROKEN`
 */
export function parseIdx(bytes: Uint8Array, file: string, rank: number, fix: string): Idx {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw broken(file, `only ${bytes.length} bytes`, `an IDX header of ${header} bytes`, fix);
  const magic = view.getUint32(0);
  if (magic !== unsignedByte * 256 + rank)
    throw broken(
      file,
      `first bytes 0x${magic.toString(16).padStart(8, '0')}`,
      `0x${(unsignedByte * 256 + rank).toString(16).padStart(8, '0')} (IDX of unsigned bytes, ${rank} dimensions)`,
      fix,
    );
  const dimensions = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const wanted = dimensions.reduce((product, size) => product * size, 1);
  if (bytes.length - header !== wanted)
    throw broken(
      file,
      `${bytes.length - header} bytes of values`,
      `${wanted} (${dimensions.join('×')})`,
      fix,
    );
  return { dimensions, values: bytes.subarray(header) };
}
