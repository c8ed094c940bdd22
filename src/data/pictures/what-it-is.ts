import { open, stat } from 'node:fs/promises';
import { formatBytes, readPlainFile } from '../../core/index.js';

/** The first bytes of a file; none where it cannot be read. */
export async function beginning(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } catch {
    return new Uint8Array();
  }
}

/** What a file is that no decoder knows; undefined where its beginning says nothing. */
export async function whatItIs(path: string): Promise<string | undefined> {
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return 'cannot be read (it is not there any more, or may not be read)';
  if (size === 0) return 'cannot be read (the file is empty)';
  const bytes = await beginning(path);
  if (bytes.length === 0) return 'cannot be read (no right to read it)';
  const is = bytes.every((byte) => byte === 0) ? `${formatBytes(size)} of zeros` : kindOf(bytes);
  return is === undefined ? undefined : `cannot be read (it is ${is}, no picture)`;
}

function kindOf(bytes: Uint8Array): string | undefined {
  const latin = Buffer.from(bytes).toString('latin1');
  if (latin.startsWith('%PDF')) return 'a PDF document';
  if (latin.startsWith('PK\u0003\u0004')) return 'a ZIP archive';
  const text = textOf(bytes)?.trimStart();
  if (text === undefined) return undefined;
  const lower = text.toLowerCase().replace(/^(<!--[^]*?-->\s*)+/, '');
  if (lower.startsWith('version https://git-lfs'))
    return 'a Git LFS pointer: git lfs pull fetches the picture';
  if (/^<!doctype html|^<html/.test(lower)) return 'a web page';
  if (lower.startsWith('<svg') || (lower.startsWith('<?xml') && lower.includes('<svg')))
    return 'a drawing in SVG';
  if (lower.startsWith('<?xml')) return 'an XML document';
  return `text that begins with ${JSON.stringify(text.slice(0, MOST_QUOTED))}`;
}

const MOST_QUOTED = 30;

/** The bytes as text; undefined where they are none. The last character may be cut. */
function textOf(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(bytes).replace(/\ufffd+$/, '');
  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? undefined : text;
}

const ENDS: readonly { readonly start: readonly number[]; readonly end: readonly number[] }[] = [
  { start: [0xff, 0xd8], end: [0xff, 0xd9] },
  { start: [0x89, 0x50, 0x4e, 0x47], end: [0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82] },
  { start: [0x47, 0x49, 0x46, 0x38], end: [0x3b] },
];

/**
 * What is wrong with a picture whose decoder said nothing: whether the file ends before the picture does, as far as its
 * format has an end to look for.
 */
export async function whatIsDamaged(path: string): Promise<string> {
  const bytes = await readPlainFile(path).catch(() => Buffer.alloc(0));
  const format = ENDS.find(({ start }) => bytes.subarray(0, start.length).equals(Buffer.from(start)));
  if (format === undefined) return 'damaged data';
  return bytes.lastIndexOf(Buffer.from(format.end)) < 0
    ? 'the file ends before the picture does: its end marker is missing'
    : 'damaged data before the end of the picture';
}
