/** Pixels of a decoded bitmap: rows from the top, `channels` bytes per pixel (RGB or RGBA). */
export interface Bitmap {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly pixels: Uint8Array;
}

export interface BitmapHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per pixel: 1, 2, 4, 8, 16, 24 or 32. */
  readonly bits: number;
  readonly topDown: boolean;
  readonly compression: 'none' | 'rle8' | 'rle4' | 'masks';
  /** Where pixels and palette begin. */
  readonly pixelsAt: number;
  readonly paletteAt: number;
  /** Bytes per palette entry. */
  readonly entry: 3 | 4;
  readonly colours: number;
  /** Which bits are red, green, blue, alpha; alpha 0 where there is none. */
  readonly masks: readonly [number, number, number, number];
}

const COMPRESSIONS = ['none', 'rle8', 'rle4', 'masks'] as const;
const LEGAL: Readonly<Record<BitmapHeader['compression'], readonly number[]>> = {
  none: [1, 2, 4, 8, 16, 24, 32],
  rle8: [8],
  rle4: [4],
  masks: [16, 32],
};

/** Whether a file begins as a Windows bitmap does. */
export function isBitmap(bytes: Uint8Array): boolean {
  return bytes.length >= 26 && bytes[0] === 0x42 && bytes[1] === 0x4d;
}

/**
 * Reads the header of a Windows bitmap: core (12 bytes), info (40) or one of its extensions (52 … 124).
 * @returns what is wrong, as text, for anything else
 */
export function bitmapHeader(bytes: Uint8Array): BitmapHeader | string {
  if (!isBitmap(bytes)) return 'does not begin as a bitmap';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(14, true);
  const core = size === 12;
  if (!core && (size < 40 || size > 124)) return `bitmap header of ${size} bytes`;
  if (bytes.length < 14 + size) return 'ends within its header';
  const width = core ? view.getUint16(18, true) : view.getInt32(18, true);
  const tall = core ? view.getUint16(20, true) : view.getInt32(22, true);
  const height = Math.abs(tall);
  const bits = view.getUint16(core ? 24 : 28, true);
  const code = core ? 0 : view.getUint32(30, true);
  const compression = COMPRESSIONS[code === 6 ? 3 : code];
  if (compression === undefined || !LEGAL[compression].includes(bits))
    return `bitmap of ${bits} bits with compression ${code}`;
  if (width < 1 || height < 1) return `bitmap of ${width}×${height} pixels`;
  const named = core ? 0 : view.getUint32(46, true);
  const masksInHeader = size >= 52;
  const masksBehind = compression === 'masks' && !masksInHeader ? (code === 6 ? 16 : 12) : 0;
  if (bytes.length < 14 + size + masksBehind) return 'ends within its header';
  const mask = (at: number): number => view.getUint32(54 + 4 * at, true);
  const alpha = size >= 56 || code === 6 ? mask(3) : 0;
  return {
    width,
    height,
    bits,
    topDown: tall < 0,
    compression,
    pixelsAt: view.getUint32(10, true),
    paletteAt: 14 + size + masksBehind,
    entry: core ? 3 : 4,
    colours: bits > 8 ? 0 : named === 0 ? 2 ** bits : Math.min(named, 256),
    masks:
      compression === 'masks'
        ? [mask(0), mask(1), mask(2), alpha]
        : bits === 16
          ? [0x7c00, 0x3e0, 0x1f, 0]
          : [0xff0000, 0xff00, 0xff, 0],
  };
}

/** Decodes a Windows bitmap whose header has been read. @returns what is wrong, as text, for a broken one */
export function decodeBitmap(bytes: Uint8Array, header: BitmapHeader): Bitmap | string {
  const { width, height, bits, compression } = header;
  if (compression === 'rle8' || compression === 'rle4')
    return painted(header, unpacked(bytes, header), bytes);
  const stride = Math.ceil((width * bits) / 32) * 4;
  const rows = bytes.subarray(header.pixelsAt);
  // The padding behind the last row is left out by some writers.
  if (rows.length < stride * (height - 1) + Math.ceil((width * bits) / 8))
    return `ends after ${Math.floor(rows.length / stride)} of ${height} rows`;
  if (bits <= 8) {
    const indices = new Uint8Array(width * height);
    const mask = 2 ** bits - 1;
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const bit = x * bits;
        const byte = rows[y * stride + (bit >> 3)] ?? 0;
        indices[y * width + x] = (byte >> (8 - bits - (bit & 7))) & mask;
      }
    return painted(header, indices, bytes);
  }
  return direct(header, rows, stride);
}

/** Pixels that hold their colour themselves. */
function direct(header: BitmapHeader, rows: Uint8Array, stride: number): Bitmap {
  const { width, height, bits, masks } = header;
  const channels = masks[3] === 0 ? 3 : 4;
  const pixels = new Uint8Array(width * height * channels);
  const bytesEach = bits / 8;
  const parts = masks.slice(0, channels).map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, most: mask >>> shift || 1 };
  });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = y * stride + x * bytesEach;
      let value = 0;
      for (let byte = bytesEach - 1; byte >= 0; byte--) value = value * 256 + (rows[from + byte] ?? 0);
      const into = ((header.topDown ? y : height - 1 - y) * width + x) * channels;
      for (const [at, { mask, shift, most }] of parts.entries())
        pixels[into + at] = Math.round((((value & mask) >>> shift) * 255) / most);
    }
  return { width, height, channels, pixels };
}

/** Palette indices, stored rows as they come, to colours. */
function painted(header: BitmapHeader, indices: Uint8Array | string, bytes: Uint8Array): Bitmap | string {
  if (typeof indices === 'string') return indices;
  const { width, height, entry, colours, paletteAt, topDown } = header;
  if (bytes.length < paletteAt + entry * colours) return 'ends within its palette';
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const index = indices[y * width + x] ?? 0;
      if (index >= colours) return `colour ${index} of a palette of ${colours}`;
      const from = paletteAt + entry * index;
      const into = ((topDown ? y : height - 1 - y) * width + x) * 3;
      for (let at = 0; at < 3; at++) pixels[into + at] = bytes[from + 2 - at] ?? 0;
    }
  return { width, height, channels: 3, pixels };
}

/** Palette indices of run-length encoded rows; what the runs skip is index 0. */
function unpacked(bytes: Uint8Array, header: BitmapHeader): Uint8Array | string {
  const { width, height, compression } = header;
  const nibbles = compression === 'rle4';
  const indices = new Uint8Array(width * height);
  let at = header.pixelsAt;
  let x = 0;
  let y = 0;
  const put = (index: number): void => {
    if (x < width && y < height) indices[y * width + x] = index;
    x++;
  };
  const half = (byte: number, second: boolean): number => (second ? byte & 15 : byte >> 4);
  while (y < height) {
    const count = bytes[at++];
    const value = bytes[at++];
    if (count === undefined || value === undefined) return `ends after ${y} of ${height} rows`;
    if (count > 0) {
      for (let i = 0; i < count; i++) put(nibbles ? half(value, i % 2 === 1) : value);
    } else if (value === 0) {
      x = 0;
      y++;
    } else if (value === 1) {
      break;
    } else if (value === 2) {
      x += bytes[at++] ?? 0;
      y += bytes[at++] ?? 0;
    } else {
      for (let i = 0; i < value; i++) {
        const byte = bytes[at + (nibbles ? i >> 1 : i)] ?? 0;
        put(nibbles ? half(byte, i % 2 === 1) : byte);
      }
      const used = nibbles ? Math.ceil(value / 2) : value;
      at += used + (used % 2);
    }
  }
  return indices;
}
