import type Sharp from 'sharp';

/**
 * Loaders of libvips that may read a picture's file, one for each format of `pictureExtensions` (bitmaps are decoded here,
 * AVIF is HEIF's). All others are refused, regardless of the file's name: they include programs (SVG, PDF, ImageMagick),
 * uncompressed dumps and spreadsheets.
 */
const LOADERS: readonly string[] = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Tiff', 'Heif'].map(
  (format) => `VipsForeignLoad${format}`,
);

/** Leaves sharp, for the whole process, with the loaders of the formats that are read. */
export function restrictLoaders(sharp: Pick<typeof Sharp, 'block' | 'unblock'>): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: [...LOADERS] });
}

/** Runs work that holds the given number of decoded pixels; waits while too many are held by others. */
export type PixelBudget = <T>(pixels: number, work: () => Promise<T>) => Promise<T>;

/**
 * Bounds the memory of pictures that are decoded at the same time. First come, first served; a picture larger than the whole
 * budget is decoded alone.
 * @param most pixels that may be held together
 */
export function pixelBudget(most: number): PixelBudget {
  let held = 0;
  const waiting: { readonly pixels: number; readonly begin: () => void }[] = [];

  function admit(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (held > 0 && held + next.pixels > most) return;
      waiting.shift();
      held += next.pixels;
      next.begin();
    }
  }

  return async (pixels, work) => {
    const begun = new Promise<void>((begin) => waiting.push({ pixels, begin }));
    admit();
    await begun;
    try {
      return await work();
    } finally {
      held -= pixels;
      admit();
    }
  };
}
