import protobuf from 'protobufjs';
import { modelType } from './format.js';

/** Messages and numbers of one file, raw data left out: a network of 300 layers has some 10,000. */
const MOST_ITEMS = 250_000;
/** Bytes of all texts of one file, and of one name. */
const MOST_TEXT = 4 * 2 ** 20;
const MOST_NAME = 500;

/** Wire types (protobuf's encoding guide). */
const LENGTH_DELIMITED = 2;

/**
 * Whether bytes are a message of {@link modelType} and nothing else, before anything is made of them. A field that no
 * export has is refused (sub-graphs, functions, external data, sparse tensors); so is a field given twice, which
 * readers merge in different ways. Costs no memory, whatever the bytes.
 * @returns why it is not, in words, or null
 */
export function scanModel(bytes: Uint8Array): string | null {
  const count: Count = { items: 0, text: 0 };
  try {
    return scan(protobuf.Reader.create(bytes), bytes.length, modelType(), count);
  } catch {
    return 'it is cut off or damaged';
  }
}

interface Count {
  items: number;
  text: number;
}

function scan(reader: protobuf.Reader, end: number, type: protobuf.Type, count: Count): string | null {
  const seen = new Set<string>();
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type.fieldsById[tag >>> 3];
    if (field === undefined) return `field ${tag >>> 3} of ${type.name}, which no export of ours has`;
    if (++count.items > MOST_ITEMS) return `more than ${MOST_ITEMS} parts`;
    const once = field.partOf?.name ?? field.name;
    if (!field.repeated && seen.has(once)) return `field ${field.name} of ${type.name} twice`;
    seen.add(once);
    const problem = scanField(reader, end, field, tag & 7, count);
    if (problem !== null) return problem;
  }
  return reader.pos === end ? null : `${type.name} longer than it says`;
}

function scanField(
  reader: protobuf.Reader,
  end: number,
  field: protobuf.Field,
  wire: number,
  count: Count,
): string | null {
  const packed = field.repeated && wire === LENGTH_DELIMITED && wireOf(field) !== LENGTH_DELIMITED;
  if (wire !== wireOf(field) && !packed) return `field ${field.name} in another encoding`;
  if (wire !== LENGTH_DELIMITED) {
    reader.skipType(wire);
    return reader.pos > end ? `field ${field.name} longer than its message` : null;
  }
  const length = reader.uint32();
  const stop = reader.pos + length;
  if (stop > end) return `field ${field.name} longer than its message`;
  if (field.resolvedType instanceof protobuf.Type) return scan(reader, stop, field.resolvedType, count);
  // A packed number takes a byte at least.
  if (packed) count.items += length;
  if (field.type === 'string') {
    count.text += length;
    const problem = scanText(reader.buf.subarray(reader.pos, stop), field);
    if (problem !== null) return problem;
  }
  if (count.items > MOST_ITEMS || count.text > MOST_TEXT)
    return `more than ${MOST_ITEMS} parts or long texts`;
  reader.pos = stop;
  return null;
}

/** Names are plain ASCII, so that two that differ never become one; texts that travel with the file may be any. */
function scanText(bytes: Uint8Array, field: protobuf.Field): string | null {
  if (field.parent?.name === 'Entry') return null;
  if (bytes.length > MOST_NAME) return `a ${field.name} of ${bytes.length} bytes`;
  return bytes.every((byte) => byte > 0x1f && byte < 0x7f) ? null : `a ${field.name} that is not plain ASCII`;
}

function wireOf({ type, resolvedType }: protobuf.Field): number {
  if (resolvedType !== null || type === 'string' || type === 'bytes') return LENGTH_DELIMITED;
  return type === 'float' ? 5 : 0;
}
