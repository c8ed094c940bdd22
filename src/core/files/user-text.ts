import { isUtf8 } from 'node:buffer';
import { closeSync, readSync, statSync } from 'node:fs';
import { formatBytes } from '../numbers/format.js';
import { messageOf } from '../errors.js';
import { openPlainFile, otherThanFile } from './plain-file.js';

/** What was read, or why not, in one line that names the line of the text where there is one. */
export type Reading<T> =
  | { readonly value: T }
  | {
      readonly fault: string;
      /** The file itself cannot be read; else it was read and is wrong. */
      readonly unreadable?: true;
      readonly cause?: unknown;
    };

const CHUNK = 64 * 1024;

/** The text of a user's file of at most `mostBytes`; see {@link decodeText}. */
export function readUserText(path: string, mostBytes: number): Reading<string> {
  let bytes: Buffer;
  try {
    const file = statSync(path);
    const other = otherThanFile(file);
    if (other !== undefined) {
      const fault = `${other}, not a plain file`;
      return file.isDirectory() ? { fault, unreadable: true } : { fault };
    }
    if (file.size > mostBytes) return { fault: `${file.size} bytes, more than ${formatBytes(mostBytes)}` };
    bytes = readAtMost(path, mostBytes + 1);
  } catch (cause) {
    return { fault: messageOf(cause), unreadable: true, cause };
  }
  if (bytes.length > mostBytes) return { fault: `more than ${formatBytes(mostBytes)}` };
  return decodeText(bytes);
}

/** Reads on to the end: a file may grow meanwhile, and the size of one of the system's says nothing. */
function readAtMost(path: string, most: number): Buffer {
  const file = openPlainFile(path);
  try {
    const chunks: Buffer[] = [];
    for (let left = most; left > 0;) {
      const chunk = Buffer.alloc(Math.min(CHUNK, left));
      const count = readSync(file, chunk, 0, chunk.length, null);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      left -= count;
    }
    return Buffer.concat(chunks);
  } finally {
    closeSync(file);
  }
}

/**
 * Text in UTF-8, or in UTF-16 where a byte-order mark or a first ASCII letter says it (YAML 1.2, chapter 5.2). The mark
 * is left out. Anything else is refused: a letter read in the wrong encoding is another name.
 */
export function decodeText(bytes: Uint8Array): Reading<string> {
  const [first = -1, second = -1, third = -1, fourth = -1] = bytes;
  const zeros = first === 0 && second === 0;
  if (zeros || (first === 0xff && second === 0xfe && third === 0 && fourth === 0))
    return { fault: 'line 1: text in UTF-32, or no text at all; save it in UTF-8' };
  if ((first === 0xff && second === 0xfe) || (first > 0 && second === 0)) return utf16(bytes, 'utf-16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second > 0)) return utf16(bytes, 'utf-16be');
  if (isUtf8(bytes)) return { value: new TextDecoder().decode(bytes) };
  return { fault: `line ${firstBadLine(bytes)}: neither UTF-8 nor UTF-16; save it in UTF-8` };
}

function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): Reading<string> {
  try {
    return { value: new TextDecoder(encoding, { fatal: true }).decode(bytes) };
  } catch (cause) {
    const line = lineAt(new TextDecoder(encoding).decode(bytes), '\ufffd');
    return { fault: `line ${line}: broken UTF-16; save it in UTF-8`, cause };
  }
}

function firstBadLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; ; line++) {
    // No byte of a longer letter is a line feed.
    const end = bytes.indexOf(10, start);
    if (end < 0 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
  }
}

/** The line, counted from 1, of an offset or of the first occurrence of a text. */
export function lineAt(text: string, at: number | string): number {
  const offset = typeof at === 'number' ? at : Math.max(0, text.indexOf(at));
  return text.slice(0, offset).split(/\r\n|\r|\n/).length;
}
