import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { formatPercent, readPlainFile } from '../../core/index.js';
import { bitmapHeader, decodeBitmap, isBitmap } from './bmp.js';
import { pixelBudget, restrictLoaders } from './decoders.js';
import { beginning, whatIsDamaged, whatItIs } from './what-it-is.js';
import { deepRange, isDeep, scaleDeep, type DeepRange, type Whites } from './deep-pixels.js';

/** Pixels a picture may have before it is shrunk: larger ones are refused unread. */
const largestPicture = 100_000_000;

/** Pixels that are decoded at the same time, in all readers of a process together: some hundred megabytes. */
const budget = pixelBudget(largestPicture);

/** Share of its rows that a damaged picture may lack and still be taken, as viewers show it. */
const mayLack = 0.25;

/** What a picture's header says, or why it cannot be used. */
export type Header =
  | { readonly fault: string; readonly deep?: never }
  | {
      readonly fault?: never;
      /** Whether samples have more than 8 bits or a sign, so that their range must be known. */
      readonly deep: boolean;
    };

/** A picture of the wanted size as RGB bytes, or why it cannot be used. */
export type Picture =
  | { readonly fault: string }
  | {
      readonly fault?: never;
      readonly pixels: Uint8Array;
      /** What the decoder reported while it decoded the picture anyway; null where nothing was wrong. */
      readonly damage: string | null;
    };

/** Decodes pictures with sharp, and bitmaps, which it does not know, ourselves. */
export interface PictureReader {
  /** Reads a header only: quick, for each of thousands of files. */
  header(path: string): Promise<Header>;
  /**
   * Least and largest sample of a picture with more than 8 bits per sample; undefined for all others. What cannot be
   * read is left for {@link picture} to say.
   */
  range(path: string): Promise<DeepRange | undefined>;
  /**
   * Brings a picture to `size` × `size` RGB: turned upright by its EXIF data, brought to sRGB by its profile, scaled to
   * cover the square, cut at the centre, transparency laid on black. Of a moving picture the first frame counts.
   */
  picture(path: string, size: number, whites: Whites): Promise<Picture>;
}

export async function pictureReader(): Promise<PictureReader> {
  const { default: sharp } = await import('sharp');
  restrictLoaders(sharp);

  type Opened =
    { readonly fault: string } | { readonly fault?: never; readonly meta: Metadata; readonly make: Make };
  type Make = (options?: SharpOptions) => Sharp;

  const opened = async (path: string): Promise<Opened> => {
    const make: Make = (options) => sharp(path, { limitInputPixels: largestPicture, ...options });
    try {
      const meta = await make({ failOn: 'none' }).metadata();
      if (meta.width * meta.height > largestPicture) return { fault: tooLarge(meta.width, meta.height) };
      return { meta, make };
    } catch (error) {
      return {
        fault: (await whatItIs(path)) ?? `cannot be read (${plain(error) ?? (await whatIsDamaged(path))})`,
      };
    }
  };

  const openedBitmap = async (path: string): Promise<Opened> => {
    const bytes = await readPlainFile(path).catch(() => new Uint8Array());
    const header = bitmapHeader(bytes);
    if (typeof header === 'string') return { fault: `cannot be read (${header})` };
    if (header.width * header.height > largestPicture)
      return { fault: tooLarge(header.width, header.height) };
    const bitmap = decodeBitmap(bytes, header);
    if (typeof bitmap === 'string') return { fault: `cannot be read (${bitmap})` };
    const { width, height, channels, pixels } = bitmap;
    const make: Make = (options) => sharp(pixels, { ...options, raw: { width, height, channels } });
    return { meta: { ...(await make().metadata()), format: 'bmp' as Metadata['format'] }, make };
  };

  /** Hands over a file for decoding, once there is room for its pixels. */
  const withFile = async <T>(path: string, work: (file: Opened) => Promise<T>): Promise<T> => {
    const file = await opened(path);
    if (file.fault === undefined) return budget(file.meta.width * file.meta.height, () => work(file));
    // No other format begins as a bitmap does, so that sharp's answer is not lost.
    const start = await beginning(path);
    if (!isBitmap(start)) return work(file);
    const header = bitmapHeader(start);
    const pixels = typeof header === 'string' ? 0 : Math.min(header.width * header.height, largestPicture);
    return budget(pixels, async () => work(await openedBitmap(path)));
  };

  const plainPixels = (make: Make, size: number, failOn: 'warning' | 'error' | 'none') =>
    make({ failOn })
      .rotate()
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .resize(size, size, { fit: 'cover', position: 'centre' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });

  const decoded = async (
    { meta, make }: { readonly meta: Metadata; readonly make: Make },
    size: number,
    whites: Whites,
    failOn: 'warning' | 'error' | 'none',
  ): Promise<Picture> => {
    const white = isDeep(meta) ? whites[meta.depth] : undefined;
    if (isDeep(meta) && (white !== undefined || meta.depth !== 'ushort')) {
      const deep = await scaleDeep(make({ failOn, ignoreIcc: true }), meta, size, white);
      return typeof deep === 'string' ? { fault: deep } : { pixels: deep, damage: null };
    }
    const { data, info } = await plainPixels(make, size, failOn);
    if (info.channels !== 3)
      return {
        fault: `has ${meta.channels} channels; expected grey or colours, with or without transparency`,
      };
    return { pixels: data, damage: null };
  };

  /** Share of the rows that the decoder filled because the file has nothing for them. */
  const lacking = async ({
    meta,
    make,
  }: {
    readonly meta: Metadata;
    readonly make: Make;
  }): Promise<number> => {
    const { data, info } = await make({ failOn: 'none', ignoreIcc: true })
      .toColourspace(meta.space)
      .resize(SAMPLED, Math.min(meta.height, 1024), { fit: 'fill', kernel: 'nearest' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const row = info.width * info.channels;
    // libjpeg fills with the middle grey, the others with zeros.
    const [least, most] = meta.format === 'jpeg' ? [126, 130] : [0, 0];
    let filled = 0;
    for (let y = 0; y < info.height; y++)
      if (data.subarray(y * row, (y + 1) * row).every((value) => value >= least && value <= most)) filled++;
    return filled / info.height;
  };

  /** As viewers do: what can be decoded of a damaged file is taken, provided that enough of it is there. */
  const recovered = async (
    file: { readonly meta: Metadata; readonly make: Make },
    size: number,
    whites: Whites,
    complaint: string,
  ): Promise<Picture> => {
    if (file.meta.format !== 'jpeg') {
      const lenient = await decoded(file, size, whites, 'error').catch(() => undefined);
      if (lenient !== undefined)
        return lenient.fault === undefined ? { ...lenient, damage: complaint } : lenient;
    }
    try {
      const picture = await decoded(file, size, whites, 'none');
      if (picture.fault !== undefined) return picture;
      const lack = await lacking(file);
      if (lack >= ALL) return { fault: `has a header but no picture data (${complaint})` };
      if (lack > mayLack) return { fault: `${formatPercent(lack)} of its rows are missing (${complaint})` };
      return { ...picture, damage: complaint };
    } catch (error) {
      return { fault: `cannot be read (${plain(error) ?? complaint})` };
    }
  };

  return {
    header: (path) =>
      withFile(path, (file) =>
        Promise.resolve(file.fault === undefined ? { deep: isDeep(file.meta) } : file),
      ),
    range: (path) =>
      withFile(path, async (file) => {
        if (file.fault !== undefined || !isDeep(file.meta)) return undefined;
        return deepRange(file.make, file.meta).catch(() => undefined);
      }),
    picture: (path, size, whites) =>
      withFile(path, async (file) => {
        if (file.fault !== undefined) return file;
        try {
          return await decoded(file, size, whites, 'warning');
        } catch (error) {
          return recovered(file, size, whites, plain(error) ?? (await whatIsDamaged(path)));
        }
      }),
  };
}

/** Columns that are checked to see whether a row was filled. */
const SAMPLED = 64;
/** So much filled is all of it: the first rows may hold what little was decoded. */
const ALL = 0.9;

/** The line of libvips' message that says what is wrong; undefined where libvips cleared it before sharp read it. */
function plain(error: unknown): string | undefined {
  const lines = (error instanceof Error ? error.message : String(error))
    .split('\n')
    .map((line) => line.trim());
  const line = lines.find((text) => text !== '' && !text.startsWith('Warning treated as error'));
  return line?.replace(/^Input file has corrupt header: /, '');
}

function tooLarge(width: number, height: number): string {
  return `has ${width}×${height} pixels, over the pixel limit of ${largestPicture / 1e6} million`;
}
