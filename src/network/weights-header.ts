import { NasError } from '../core/index.js';

/** Bytes of one number, by its type in the header. */
const BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 } as const;
export type TensorType = keyof typeof BYTES;
export const TENSOR_TYPES = Object.keys(BYTES) as readonly TensorType[];

/** A tensor's place among the numbers, in bytes from their beginning. */
export interface Tensor {
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Where the numbers begin in the file. */
  readonly start: number;
}

/** As in safetensors' own reader: more is an attack or not a header. */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads the header of a safetensors file with tensors of these types and checks everything a reader relies on: lengths, JSON, types, sizes as the shapes say, tensors that cover the numbers without a gap or an overlap.
 * @throws NasError `NAS_BAD_WEIGHTS`
 */
export function parseHeader(bytes: Uint8Array, types: readonly TensorType[] = ['F32']): Header {
  if (bytes.length < 8) throw bad(`a weight file of ${bytes.length} bytes`, 'at least 8');
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  const room = bytes.length - 8;
  if (length > BigInt(Math.min(room, MAX_HEADER_BYTES)))
    throw bad(`a header of ${length} bytes in a weight file with room for ${room}`);
  const start = 8 + Number(length);
  const header = parseJson(bytes.subarray(8, start));
  const metadata = new Map<string, string>();
  const tensors = new Map<string, Tensor>();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      for (const [key, text] of Object.entries(object(value, name)))
        metadata.set(key, typeof text === 'string' ? text : '');
    } else tensors.set(name, parseTensor(name, object(value, name), types));
  }
  checkCover(tensors, bytes.length - start);
  return { metadata, tensors, start };
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw bad('a weight file whose header is not JSON', 'safetensors', cause);
  }
  return object(value, 'header');
}

function object(value: unknown, name: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw bad(`${quoted(name)} in a weight file is not an object`, 'safetensors');
  return value as Record<string, unknown>;
}

function parseTensor(
  name: string,
  { dtype, shape, data_offsets: offsets }: Record<string, unknown>,
  types: readonly TensorType[],
): Tensor {
  const isAllowed = (type: unknown): type is TensorType => types.includes(type as TensorType);
  if (!isAllowed(dtype))
    throw bad(`weights ${quoted(name)} of type ${quoted(String(dtype))}`, types.join(', '));
  if (!isLengths(shape) || shape.length > 8) throw bad(`weights ${quoted(name)} without a proper shape`);
  if (!isLengths(offsets) || offsets.length !== 2)
    throw bad(`weights ${quoted(name)} without proper offsets`);
  const [begin = 0, end = 0] = offsets;
  const size = BYTES[dtype] * shape.reduce((product, side) => product * side, 1);
  if (end - begin !== size)
    throw bad(`weights ${quoted(name)} of ${end - begin} bytes`, `${size} bytes as their shape says`);
  return { type: dtype, shape, begin, end };
}

function isLengths(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && (item as number) >= 0);
}

function checkCover(tensors: ReadonlyMap<string, Tensor>, length: number): void {
  let at = 0;
  for (const [name, { begin, end }] of [...tensors].sort(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== at)
      throw bad(`weights ${quoted(name)} at byte ${begin}`, `byte ${at}, without gap or overlap`);
    at = end;
  }
  if (at !== length)
    throw bad(`a weight file with ${length} bytes of numbers`, `${at} bytes as its header says`);
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 80));
}

function bad(found: string, expected?: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_BAD_WEIGHTS',
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(cause === undefined ? {} : { cause }),
    fix: 'use an undamaged weight file, or train the network again',
  });
}
