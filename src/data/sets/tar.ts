import { broken } from '../files.js';

const block = 512;

/**
 * The content of one regular file in an unpacked tar archive, as a view. Writes nothing, follows no link.
 * @param archive its name, for messages
 * @throws NasError `NAS_DATA_BROKEN` when the archive is damaged or has no such file
 */
export function findInTar(tar: Uint8Array, name: string, archive: string, fix: string): Uint8Array {
  for (let at = 0; at + block <= tar.length;) {
    const header = tar.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) break;
    if (octal(header, 148, 8) !== checksum(header))
      throw broken(archive, `a damaged header at byte ${at}`, 'a tar archive', fix);
    const size = octal(header, 124, 12);
    const end = at + block + size;
    if (!(end <= tar.length))
      throw broken(archive, `ends inside a file at byte ${at}`, 'a whole archive', fix);
    const kind = header[156];
    if ((kind === 0 || kind === 0x30) && text(header, 0, 100).replace(/^\.\//, '') === name)
      return tar.subarray(at + block, end);
    at += block + Math.ceil(size / block) * block;
  }
  throw broken(archive, `no ${name} in it`, 'the publisher’s archive', fix);
}

function text(header: Uint8Array, from: number, length: number): string {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return new TextDecoder('latin1').decode(end < 0 ? field : field.subarray(0, end));
}

/** NaN for a field that is no octal number. */
function octal(header: Uint8Array, from: number, length: number): number {
  const digits = text(header, from, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Sum of the header's bytes, its own field counted as spaces. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
