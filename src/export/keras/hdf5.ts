import { checksum } from './checksum.js';

/** A tree of groups whose leaves are float32 arrays. */
export interface Hdf5Group {
  readonly [name: string]: Hdf5Group | Hdf5Array;
}

export interface Hdf5Array {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

const ADDRESS = 8;
const SUPERBLOCK = 48;
/** An address that leads nowhere. */
const UNDEFINED = 0xffff_ffff_ffff_ffffn;
/** Numbers of the messages of an object's header (HDF5 File Format Specification 3.0, IV.A.2). */
const Message = {
  dataspace: 1,
  linkInfo: 2,
  datatype: 3,
  fillValue: 5,
  link: 6,
  layout: 8,
  groupInfo: 10,
} as const;
const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * The bytes of an HDF5 file: superblock version 2, groups that list their links in their headers, contiguous little-endian
 * float32 arrays. HDF5 reads it since 1.8.
 */
export function hdf5File(root: Hdf5Group): Uint8Array {
  const parts: Buffer[] = [];
  let end = SUPERBLOCK;
  const put = (bytes: Buffer): bigint => {
    const address = BigInt(end);
    const padded = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
    parts.push(padded);
    end += padded.length;
    return address;
  };
  const object = (entry: Hdf5Group | Hdf5Array): bigint => {
    if (isArray(entry)) return put(objectHeader(arrayMessages(entry, put(numbersOf(entry)))));
    const links = Object.entries(entry).map(([name, child]) => link(name, object(child)));
    return put(objectHeader([...GROUP, ...links]));
  };
  const address = object(root);
  const superblock = Buffer.alloc(SUPERBLOCK);
  superblock.set([...SIGNATURE, 2, ADDRESS, ADDRESS, 0]);
  superblock.writeBigUInt64LE(0n, 12);
  superblock.writeBigUInt64LE(UNDEFINED, 20);
  superblock.writeBigUInt64LE(BigInt(end), 28);
  superblock.writeBigUInt64LE(address, 36);
  superblock.writeUInt32LE(checksum(superblock.subarray(0, SUPERBLOCK - 4)), SUPERBLOCK - 4);
  return Buffer.concat([superblock, ...parts]);
}

function isArray(entry: Hdf5Group | Hdf5Array): entry is Hdf5Array {
  return entry['values'] instanceof Float32Array;
}

interface HeaderMessage {
  readonly type: number;
  readonly data: Buffer;
}

function objectHeader(messages: readonly HeaderMessage[]): Buffer {
  const body = Buffer.concat(
    messages.flatMap(({ type, data }) => [
      Buffer.from([type, data.length & 0xff, data.length >> 8, 0]),
      data,
    ]),
  );
  const header = Buffer.alloc(10);
  header.write('OHDR', 'latin1');
  // Version 2; the size of what follows takes four bytes.
  header.set([2, 2], 4);
  header.writeUInt32LE(body.length, 6);
  const all = Buffer.concat([header, body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(checksum(all));
  return Buffer.concat([all, sum]);
}

const GROUP: readonly HeaderMessage[] = [
  { type: Message.linkInfo, data: Buffer.concat([Buffer.alloc(2), Buffer.alloc(2 * ADDRESS, 0xff)]) },
  { type: Message.groupInfo, data: Buffer.alloc(2) },
];

/** A hard link. */
function link(name: string, address: bigint): HeaderMessage {
  const bytes = Buffer.from(name, 'latin1');
  const data = Buffer.concat([Buffer.from([1, 0, bytes.length]), bytes, Buffer.alloc(ADDRESS)]);
  data.writeBigUInt64LE(address, 3 + bytes.length);
  return { type: Message.link, data };
}

/** Little-endian IEEE 754 of 32 bits: sign at 31, eight bits of exponent at 23 with bias 127, 23 bits of mantissa. */
const FLOAT32 = Buffer.from([0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]);

function arrayMessages({ shape, values }: Hdf5Array, address: bigint): readonly HeaderMessage[] {
  const space = Buffer.alloc(4 + 8 * shape.length);
  space.set([2, shape.length, 0, 1]);
  shape.forEach((side, i) => space.writeBigUInt64LE(BigInt(side), 4 + 8 * i));
  const layout = Buffer.alloc(2 + 2 * ADDRESS);
  layout.set([3, 1]);
  layout.writeBigUInt64LE(address, 2);
  layout.writeBigUInt64LE(BigInt(4 * values.length), 2 + ADDRESS);
  return [
    { type: Message.dataspace, data: space },
    { type: Message.datatype, data: FLOAT32 },
    { type: Message.fillValue, data: Buffer.from([3, 0x0a]) },
    { type: Message.layout, data: layout },
  ];
}

function numbersOf({ values }: Hdf5Array): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => bytes.writeFloatLE(value, 4 * i));
  return bytes;
}
