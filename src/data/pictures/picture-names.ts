import { extname } from 'node:path';

/** Extensions of files that are taken for pictures, in any case. */
export const pictureExtensions: readonly string[] =
  '.jpg .jpeg .jpe .jfif .jif .png .apng .webp .gif .avif .tif .tiff .bmp .dib'.split(' ');

/** Extensions of pictures that are not decoded: they are passed over, and counted by their name. */
const undecoded: ReadonlySet<string> = new Set(
  (
    '.heic .heif .jxl .jp2 .j2k .jpx .tga .psd .ppm .pgm .pbm .pnm .exr .hdr .svg .ico .pcx .xcf .dcm .npy ' +
    '.raw .dng .cr2 .cr3 .nef .arw .orf .rw2'
  ).split(' '),
);

/** Files and folders that systems and programs leave; hidden ones are known by their dot. */
const system: ReadonlySet<string> = new Set([
  '__macosx',
  'thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  '@eadir',
  '$recycle.bin',
  'system volume information',
  'lost+found',
]);

/** Whether a name is hidden or one that systems leave behind. */
export function isSystemName(name: string): boolean {
  return name.startsWith('.') || system.has(name.toLowerCase());
}

/** What a file is by its ending. */
export function kindOfName(name: string): 'picture' | 'undecoded' | 'other' {
  const ending = extname(name).toLowerCase();
  if (pictureExtensions.includes(ending)) return 'picture';
  return undecoded.has(ending) ? 'undecoded' : 'other';
}

/** What a folder is for by its name, in any case; undefined for any other name. */
export function partOfName(name: string): 'train' | 'validation' | 'test' | undefined {
  switch (name.toLowerCase()) {
    case 'train':
    case 'training':
      return 'train';
    case 'val':
    case 'valid':
    case 'validation':
      return 'validation';
    case 'test':
    case 'testing':
      return 'test';
    default:
      return undefined;
  }
}

/** A name with everything beyond plain ASCII as code points: look-alikes become distinct. */
export function visibleName(name: string): string {
  return `"${name.replace(/[^\x20-\x7e]/gu, (letter) => `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`)}"`;
}
