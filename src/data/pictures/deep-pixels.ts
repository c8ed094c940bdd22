import type { Metadata, Sharp, SharpOptions } from 'sharp';

/** Pixels of a picture with 32 bits per sample: each takes 16 bytes while it is decoded. */
const largestDeep = 16_777_216;

/**
 * The sample that becomes 255, by libvips' name of the sample's type: 4095 for pictures of 12 bits in 16. One for a
 * whole data set, so that pictures keep their brightness to each other. Types without an entry have their full range.
 */
export type Whites = Readonly<Record<string, number>>;

export interface DeepRange {
  readonly depth: string;
  readonly least: number;
  readonly most: number;
}

/** Largest value of each type of integer that has more than 8 bits or a sign. */
const nominal: Readonly<Record<string, number>> = {
  char: 2 ** 7 - 1,
  short: 2 ** 15 - 1,
  ushort: 2 ** 16 - 1,
  int: 2 ** 31 - 1,
  uint: 2 ** 32 - 1,
};

/** Bits that cameras, scanners and instruments use of wider types. */
const usualBits = [7, 8, 10, 12, 14, 15, 16, 20, 24, 31, 32];

/** Whether samples are other than plain bytes. */
export function isDeep({ depth }: Metadata): boolean {
  return depth !== 'uchar';
}

/**
 * The white of a type whose samples reach `most` in a whole data set: the smallest usual number of bits that holds it.
 * Undefined where that is the type's full range anyway, and for floating point, whose white is 1.
 */
export function whiteOf(depth: string, most: number): number | undefined {
  const full = nominal[depth];
  if (full === undefined) return undefined;
  const bits = usualBits.find((count) => 2 ** count - 1 >= most && (count >= 8 || depth === 'char'));
  const white = bits === undefined ? full : Math.min(full, 2 ** bits - 1);
  return white === full && depth === 'ushort' ? undefined : white;
}

/** Least and largest sample, transparency left out; NaN where a sample is no number. @throws what the decoder says */
export async function deepRange(make: (options?: SharpOptions) => Sharp, meta: Metadata): Promise<DeepRange> {
  const { depth } = meta;
  const colours = meta.channels - (meta.hasAlpha ? 1 : 0);
  // libvips' raw output takes 16-bit grey for unsigned; its statistics do not. They are wrong for 32 bits.
  if (['ushort', 'short', 'char'].includes(depth)) {
    const { channels } = await make({ failOn: 'none' }).stats();
    const seen = channels.slice(0, colours);
    return {
      depth,
      least: Math.min(...seen.map(({ min }) => min)),
      most: Math.max(...seen.map(({ max }) => max)),
    };
  }
  const { data, info } = await make({ failOn: 'none', ignoreIcc: true, limitInputPixels: largestDeep })
    .toColourspace(meta.space)
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  return { depth, ...extremes(floats(data), info.channels, colours) };
}

/** Of the first `colours` of each pixel's `step` samples. */
function extremes(values: Float32Array, step: number, colours: number): Omit<DeepRange, 'depth'> {
  let [least, most] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) {
    if (at % step >= colours) continue;
    const value = values[at] ?? 0;
    if (Number.isNaN(value)) return { least: Number.NaN, most: Number.NaN };
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

/**
 * Brings a picture of deep samples to `size` × `size` RGB bytes, linearly: `white` becomes 255, 1 for floating point.
 * @returns why it cannot be done, as text
 * @throws what the decoder says
 */
export async function scaleDeep(
  picture: Sharp,
  meta: Metadata,
  size: number,
  given: number | undefined,
): Promise<Uint8Array | string> {
  const { depth, space } = meta;
  const float = depth === 'float';
  const kind = `samples of type ${depth} (${meta.bitsPerSample ?? '?'} bits)`;
  const full = float ? 1 : nominal[depth];
  if (full === undefined) return `has ${kind}: convert it to 8 or 16 bits`;
  // libvips takes 16-bit floating-point grey for integers and loses all of it.
  if (float && space === 'grey16')
    return 'has 16-bit floating-point grey samples: convert it to 32-bit floating point';
  const grey = space === 'b-w' || space === 'grey16';
  const colours = grey ? 1 : 3;
  const alpha = meta.channels === colours + 1;
  if (!(grey || ['srgb', 'rgb', 'rgb16', 'scrgb'].includes(space)) || (meta.channels !== colours && !alpha))
    return `has ${meta.channels} channels (${space}) of ${kind}: convert it to RGB`;
  if (alpha && !float && depth !== 'ushort')
    return `has transparency and ${kind}: convert it to 8 or 16 bits`;
  const { data, info } = await picture
    .rotate()
    .toColourspace(space)
    .resize(size, size, { fit: 'cover', position: 'centre' })
    .raw({ depth: 'float' })
    .toBuffer({ resolveWithObject: true });
  const values = floats(data);
  const fault = float
    ? rangeFault({ depth, ...extremes(values, info.channels, colours) }, OVERSHOOT)
    : undefined;
  if (fault !== undefined) return fault;
  const white = given ?? full;
  const step = info.channels;
  const opaque = alpha && values.some((value, at) => at % step === colours && value > white) ? full : white;
  const pixels = new Uint8Array(size * size * 3);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const share = alpha ? Math.min(1, (values[pixel * step + colours] ?? 0) / opaque) : 1;
    for (let colour = 0; colour < 3; colour++) {
      const value = values[pixel * step + (grey ? 0 : colour)] ?? 0;
      pixels[3 * pixel + colour] = Math.round(255 * Math.min(1, Math.max(0, value / white)) * share);
    }
  }
  return pixels;
}

/** Why samples in this range cannot be brought to 0 … 255; undefined where they can. */
export function rangeFault({ depth, least, most }: DeepRange, slack = SLACK): string | undefined {
  if (Number.isNaN(least)) return 'has floating-point samples that are no numbers (NaN)';
  const far = `from ${Number(least.toPrecision(4))} to ${Number(most.toPrecision(4))}`;
  if (depth === 'float' && (least < -slack || most > 1 + slack))
    return `has floating-point samples ${far}; expected 0 to 1: divide them by their white, or convert it to 8 or 16 bits`;
  if (least < 0) return `has integer samples ${far}; expected none below 0: convert it to unsigned integers`;
  return undefined;
}

/** What resampling by another program may have added beyond 0 and 1. */
const SLACK = 0.01;
/** How far scaling a picture may carry its samples beyond those of the file: Lanczos overshoots at edges. */
const OVERSHOOT = 0.5;

function floats(data: Buffer): Float32Array {
  return new Float32Array(data.buffer, data.byteOffset, data.byteLength / Float32Array.BYTES_PER_ELEMENT);
}
