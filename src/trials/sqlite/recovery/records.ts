import type { Page } from './pages.js';

export type Value = string | number | Buffer | null;

/** A row of a table, or an entry of an index or of a table without row numbers (`id` null). */
export interface Found {
  readonly id: number | null;
  readonly values: readonly Value[];
}

const TABLE_LEAF = 13;
const INDEX_LEAF = 10;
const INDEX_INTERIOR = 2;
/** Longest record that is believed. */
const MOST_BYTES = 64 * 2 ** 20;

/** All records of a page that can be read; what cannot is passed over. None of a page that holds no rows. */
export function recordsOf(page: Page): readonly Found[] {
  const { bytes, start } = page;
  const type = bytes[start];
  if (type !== TABLE_LEAF && type !== INDEX_LEAF && type !== INDEX_INTERIOR) return [];
  const array = start + (type === INDEX_INTERIOR ? 12 : 8);
  const count = Math.min(bytes.readUInt16BE(start + 3), Math.floor((bytes.length - array) / 2));
  const found: Found[] = [];
  for (let i = 0; i < count; i++) {
    try {
      found.push(cell(page, type, bytes.readUInt16BE(array + 2 * i)));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return found;
}

/** Throws RangeError for what is not a cell. */
function cell(page: Page, type: number, at: number): Found {
  const { bytes } = page;
  const from = cursor(bytes, type === INDEX_INTERIOR ? at + 4 : at);
  const length = from.varint();
  const id = type === TABLE_LEAF ? from.varint() : null;
  if (length > MOST_BYTES) throw new RangeError('too long');
  return { id, values: decode(payload(page, from.at(), length, type === TABLE_LEAF)) };
}

function payload(page: Page, at: number, length: number, table: boolean): Buffer {
  const usable = page.bytes.length;
  const most = table ? usable - 35 : Math.floor(((usable - 12) * 64) / 255) - 23;
  if (length <= most) return slice(page.bytes, at, length);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (usable - 4));
  const local = fitting <= most ? fitting : least;
  const parts = [slice(page.bytes, at, local)];
  let left = length - local;
  let next = page.bytes.readUInt32BE(at + local);
  while (left > 0) {
    const bytes = page.read(next);
    if (bytes === undefined) throw new RangeError('a part is missing');
    const part = slice(bytes, 4, Math.min(left, usable - 4));
    parts.push(part);
    left -= part.length;
    next = bytes.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function decode(record: Buffer): readonly Value[] {
  const header = cursor(record, 0);
  const end = header.varint();
  if (end > record.length) throw new RangeError('a header longer than its record');
  const values: Value[] = [];
  let at = end;
  while (header.at() < end) {
    const type = header.varint();
    const size = sizeOf(type);
    values.push(value(type, slice(record, at, size)));
    at += size;
  }
  return values;
}

function sizeOf(type: number): number {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][type] ?? impossible();
}

function value(type: number, bytes: Buffer): Value {
  if (type >= 12) return type % 2 === 0 ? Buffer.from(bytes) : text(bytes);
  if (type === 0) return null;
  if (type === 7) return bytes.readDoubleBE(0);
  if (type >= 8) return type - 8;
  if (bytes.length <= 6) return bytes.readIntBE(0, bytes.length);
  const whole = Number(bytes.readBigInt64BE(0));
  return Number.isSafeInteger(whole) ? whole : impossible();
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text whose bytes are not text was not written so. */
function text(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    return impossible();
  }
}

function slice(bytes: Buffer, from: number, length: number): Buffer {
  if (from < 0 || from + length > bytes.length) throw new RangeError('out of the page');
  return bytes.subarray(from, from + length);
}

function cursor(bytes: Buffer, start: number): { varint(): number; at(): number } {
  let at = start;
  return {
    at: () => at,
    /** Big-endian, seven bits a byte; all numbers here fit into 53 bits. */
    varint() {
      let result = 0;
      for (let i = 0; i < 8; i++) {
        const byte = bytes[at++];
        if (byte === undefined) return impossible();
        result = result * 128 + (byte & 127);
        if (byte < 128) return Number.isSafeInteger(result) ? result : impossible();
      }
      return impossible();
    },
  };
}

function impossible(): never {
  throw new RangeError('not a record');
}
