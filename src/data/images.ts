import type { Examples } from '../backends/index.js';
import { formatBytes, messageOf, NasError } from '../core/index.js';
import { sharedExamples } from './dataset.js';
import { broken, type Alive } from './files.js';
import type { ImageFile } from './image-folder.js';

/** Pixels a picture may have before it is shrunk: larger ones are refused unread. */
const largestPicture = 100_000_000;

/** Bytes all pictures together may take. */
const largestSet = 4 * 2 ** 30;

/** Pictures decoded at once. */
const abreast = 8;

/**
 * Decodes pictures to `size` × `size` RGB: turned upright by their EXIF data, scaled to cover the square and cut at
 * the centre, transparency laid on black. Of a moving picture the first frame counts.
 * @throws NasError `NAS_DATA_BROKEN` naming the picture, `NAS_DATA_TOO_LARGE`
 */
export async function decodeImages(
  files: readonly ImageFile[],
  size: number,
  alive: Alive = () => undefined,
): Promise<Examples> {
  const bytes = files.length * size * size * 3;
  if (bytes > largestSet)
    throw new NasError({
      code: 'NAS_DATA_TOO_LARGE',
      found: `${files.length} pictures of ${size}×${size} take ${formatBytes(bytes)}`,
      expected: `at most ${formatBytes(largestSet)}`,
      fix: 'choose a smaller size or a limit of pictures',
    });
  const { default: sharp } = await import('sharp');
  // Whatever its name says, a file may be of these kinds, which are programs more than pictures.
  sharp.block({ operation: ['VipsForeignLoadSvg', 'VipsForeignLoadPdf', 'VipsForeignLoadMagick'] });
  const examples = sharedExamples(files.length, [size, size, 3]);
  const decode = async (file: ImageFile, row: number): Promise<void> => {
    const { data, info } = await sharp(file.path, { limitInputPixels: largestPicture })
      .rotate()
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .resize(size, size, { fit: 'cover', position: 'centre' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
      .catch((cause: unknown) => {
        throw broken(
          file.path,
          `cannot be read (${messageOf(cause)})`,
          `a picture of at most ${largestPicture / 1e6} million pixels`,
          'mend the file or remove it',
          cause,
        );
      });
    if (info.channels !== 3)
      throw broken(file.path, `${info.channels} channels`, 'a colour picture', 'mend the file or remove it');
    examples.images.set(data, row * size * size * 3);
    examples.labels[row] = file.label;
    alive();
  };
  let next = 0;
  const work = async (): Promise<void> => {
    for (let row = next++; row < files.length; row = next++) {
      const file = files[row];
      if (file !== undefined) await decode(file, row);
    }
  };
  await Promise.all(Array.from({ length: abreast }, work));
  return examples;
}
