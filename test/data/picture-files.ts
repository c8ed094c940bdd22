/** What a written picture shows: samples from 0 to 1. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  value(x: number, y: number, channel: number): number;
}

const TYPES = {
  u8: { bytes: 1, format: 1, white: 255 },
  u16: { bytes: 2, format: 1, white: 65_535 },
  u32: { bytes: 4, format: 1, white: 2 ** 32 - 1 },
  i8: { bytes: 1, format: 2, white: 127 },
  i16: { bytes: 2, format: 2, white: 32_767 },
  i32: { bytes: 4, format: 2, white: 2 ** 31 - 1 },
  f16: { bytes: 2, format: 3, white: 1 },
  f32: { bytes: 4, format: 3, white: 1 },
} as const;

/** A TIFF without compression; `white` is the sample of 1. */
export function tiff(
  { width, height, channels, value }: Samples,
  type: keyof typeof TYPES,
  white: number = TYPES[type].white,
): Buffer {
  const { bytes, format } = TYPES[type];
  const pixels = Buffer.alloc(width * height * channels * bytes);
  const write = (at: number, sample: number): void => {
    if (type === 'f32') pixels.writeFloatLE(sample, at);
    else if (type === 'f16') pixels.writeUInt16LE(half(sample), at);
    else if (format === 2) pixels.writeIntLE(Math.round(sample), at, bytes);
    else pixels.writeUIntLE(Math.round(sample), at, bytes);
  };
  let at = 0;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let channel = 0; channel < channels; channel++, at += bytes)
        write(at, value(x, y, channel) * white);
  const tags: readonly (readonly [number, number, readonly number[]])[] = [
    [256, 4, [width]],
    [257, 4, [height]],
    [258, 3, Array.from({ length: channels }, () => 8 * bytes)],
    [259, 3, [1]],
    [262, 3, [channels === 3 ? 2 : 1]],
    [273, 4, [8]],
    [277, 3, [channels]],
    [278, 4, [height]],
    [279, 4, [pixels.length]],
    ...(channels > 3 ? [[338, 3, Array.from({ length: channels - 1 }, () => 0)] as const] : []),
    [339, 3, Array.from({ length: channels }, () => format)],
  ];
  const directory = Buffer.alloc(2 + 12 * tags.length + 4);
  const extra: Buffer[] = [];
  let extraAt = 8 + pixels.length + directory.length;
  directory.writeUInt16LE(tags.length, 0);
  for (const [index, [tag, kind, values]] of tags.entries()) {
    const from = 2 + 12 * index;
    const size = kind === 3 ? 2 : 4;
    const data = Buffer.alloc(Math.max(4, size * values.length));
    values.forEach((number, i) => data.writeUIntLE(number, size * i, size));
    directory.writeUInt16LE(tag, from);
    directory.writeUInt16LE(kind, from + 2);
    directory.writeUInt32LE(values.length, from + 4);
    if (data.length === 4) data.copy(directory, from + 8);
    else {
      directory.writeUInt32LE(extraAt, from + 8);
      extra.push(data);
      extraAt += data.length;
    }
  }
  const head = Buffer.from('49492a0000000000', 'hex');
  head.writeUInt32LE(8 + pixels.length, 4);
  return Buffer.concat([head, pixels, directory, ...extra]);
}

/** A number of 0 … 1 as 16-bit floating point. */
function half(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(value));
  if (exponent < -14) return Math.round(value * 2 ** 24);
  return Math.round((value / 2 ** exponent - 1) * 1024) + ((exponent + 15) << 10);
}

/** A Windows bitmap; up to 8 bits with a palette of greys, of the first channel. */
export function bmp(
  { width, height, channels, value }: Samples,
  bits: 1 | 4 | 8 | 16 | 24 | 32,
  packing: 'none' | 'rle8' | 'rle4' = 'none',
): Buffer {
  const colours = bits <= 8 ? 2 ** bits : 0;
  const palette = Buffer.alloc(4 * colours);
  for (let index = 0; index < colours; index++)
    palette.fill(Math.round((255 * index) / (colours - 1)), 4 * index, 4 * index + 3);
  const rows: Buffer[] = [];
  for (let y = height - 1; y >= 0; y--) {
    const row = Buffer.alloc(Math.ceil((width * bits) / 32) * 4);
    const packed: number[] = [];
    for (let x = 0; x < width; x++) {
      const parts = [0, 1, 2].map((channel) => value(x, y, Math.min(channel, channels - 1)));
      const index = Math.round((parts[0] ?? 0) * (colours - 1));
      if (packing !== 'none') packed.push(1, packing === 'rle4' ? index * 17 : index);
      else if (bits <= 8) row[(x * bits) >> 3]! |= index << (8 - bits - ((x * bits) & 7));
      else if (bits === 16)
        row.writeUInt16LE(
          parts.reduce((all, part) => all * 32 + Math.round(part * 31), 0),
          2 * x,
        );
      else parts.forEach((part, channel) => (row[(x * bits) / 8 + 2 - channel] = Math.round(part * 255)));
    }
    rows.push(packing === 'none' ? row : Buffer.from([...packed, 0, 0]));
  }
  const pixels = Buffer.concat(packing === 'none' ? rows : [...rows, Buffer.from([0, 1])]);
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + palette.length + pixels.length, 2);
  header.writeUInt32LE(54 + palette.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE({ none: 0, rle8: 1, rle4: 2 }[packing], 30);
  return Buffer.concat([header, palette, pixels]);
}
