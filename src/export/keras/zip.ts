import { crc32 } from 'node:zlib';

const UTF8 = 0x0800;
/** 1 January 1980, the earliest there is: equal networks give equal files. */
const DATE = 0x21;
const VERSION = 20;

/** A zip archive whose files are stored as they are. */
export function zipOf(files: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const [parts, entries]: [Uint8Array[], Buffer[]] = [[], []];
  let at = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const path = Buffer.from(name);
    const facts = Buffer.alloc(26);
    [VERSION, UTF8, 0, 0, DATE].forEach((value, i) => facts.writeUInt16LE(value, 2 * i));
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(path.length, 22);
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(VERSION, 4);
    entry.set(facts, 6);
    entry.writeUInt32LE(at, 42);
    entries.push(entry, path);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), facts, path, bytes);
    at += 4 + facts.length + path.length + bytes.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  for (const offset of [8, 10]) end.writeUInt16LE(Object.keys(files).length, offset);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}
