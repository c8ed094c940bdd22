import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadData, loadTest, type DataSpec } from '../../src/data/index.js';
import { scratch } from './fixtures.js';

type Colour = readonly [number, number, number];
const red: Colour = [200, 20, 20];
const blue: Colour = [20, 20, 200];

async function picture(path: string, width: number, height: number, [r, g, b]: Colour): Promise<void> {
  await sharp({ create: { width, height, channels: 3, background: { r, g, b } } }).toFile(path);
}

async function fill(folder: string, count: number, colour: Colour): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let at = 0; at < count; at++)
    await picture(join(folder, `${at}.${at % 2 === 0 ? 'png' : 'webp'}`), 20 + at, 30, colour);
}

let root = '';
beforeEach(async () => {
  root = join(await scratch(), 'pictures');
  await mkdir(root);
});

function spec(change: Partial<DataSpec> = {}): DataSpec {
  return { name: `images:${root}`, folder: '', heldOut: 0.2, seed: '3', size: 16, limit: null, ...change };
}

const failure = (): Promise<unknown> => loadData(spec()).catch((error: unknown) => error);

describe('images:DIR', () => {
  it('reads a folder per class, any size and kind of file, and cuts off a test part', async () => {
    await fill(join(root, 'red'), 20, red);
    await fill(join(root, 'blue'), 20, blue);
    await writeFile(join(root, 'red', 'notes.txt'), 'not a picture');
    await writeFile(join(root, '.hidden'), '');
    const data = await loadData(spec());
    expect(data).toMatchObject({ classes: ['blue', 'red'], shape: [16, 16, 3], flip: true });
    const test = await loadTest(data);
    expect([data.training.count, test.count]).toEqual([34, 6]);
    expect([data.split.train.length, data.split.validation.length]).toEqual([27, 7]);
    for (let row = 0; row < 34; row++) {
      const wanted = data.training.labels[row] === 1 ? red : blue;
      const pixel = data.training.images.subarray(row * 768 + 384, row * 768 + 387);
      pixel.forEach((value, channel) => expect(Math.abs(value - wanted[channel]!)).toBeLessThan(12));
    }
    expect(data.training.images.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('gives the same parts for the same seed, and takes as many as the limit', async () => {
    await fill(join(root, 'red'), 12, red);
    await fill(join(root, 'blue'), 12, blue);
    const first = await loadData(spec());
    expect(await loadData(spec())).toEqual(first);
    expect((await loadData(spec({ limit: 10 }))).training.count).toBe(10);
    await fill(join(root, 'green'), 12, [20, 200, 20]);
    await expect(loadData(spec({ limit: 5 }))).rejects.toThrow(/limit of 5 pictures for 3 classes/);
  });

  it.each(['test', 'val'])('uses train/ and %s/ where they are', async (part) => {
    for (const [name, count] of [
      ['train', 6],
      [part, 3],
    ] as const) {
      await fill(join(root, name, 'red'), count, red);
      await fill(join(root, name, 'blue'), count, blue);
    }
    const data = await loadData(spec());
    expect(data.training.count).toBe(12);
    expect((await loadTest(data)).count).toBe(6);
  });

  it('takes a folder called train for a class where it has pictures', async () => {
    await fill(join(root, 'train'), 4, red);
    await fill(join(root, 'bus'), 4, blue);
    expect((await loadData(spec())).classes).toEqual(['bus', 'train']);
  });

  it('turns pictures upright, lays transparency on black and colours grey ones', async () => {
    await fill(join(root, 'other'), 2, blue);
    const folder = join(root, 'odd');
    await mkdir(folder);
    // Left half white, right half black; orientation 3 turns it by 180°.
    const half = await sharp({ create: { width: 32, height: 32, channels: 3, background: 'black' } })
      .composite([
        { input: { create: { width: 16, height: 32, channels: 3, background: 'white' } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer();
    await sharp(half).withMetadata({ orientation: 3 }).jpeg({ quality: 100 }).toFile(join(folder, 'a.jpg'));
    await sharp({
      create: { width: 9, height: 9, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toFile(join(folder, 'b.png'));
    await sharp(Buffer.alloc(64, 90), { raw: { width: 8, height: 8, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(folder, 'c.png'));
    await fill(join(root, 'odd-rest'), 2, red);
    const data = await loadData(spec({ heldOut: 0.1 }));
    const test = await loadTest(data);
    const pixels = [data.training, test].flatMap((part) =>
      Array.from({ length: part.count }, (_, row) => ({
        label: part.labels[row],
        left: [...part.images.subarray(row * 768 + 3 * 130, row * 768 + 3 * 130 + 3)],
        right: [...part.images.subarray(row * 768 + 3 * 141, row * 768 + 3 * 141 + 3)],
      })).filter(({ label }) => label === 0),
    );
    const near = (a: number[], value: number): boolean => a.every((v) => Math.abs(v - value) < 8);
    expect(pixels).toHaveLength(3);
    expect(pixels.some(({ left, right }) => near(left, 0) && near(right, 255))).toBe(true);
    expect(pixels.some(({ left, right }) => near(left, 0) && near(right, 0))).toBe(true);
    expect(pixels.some(({ left, right }) => near(left, 90) && near(right, 90))).toBe(true);
  });
});

describe('folders that are no data set', () => {
  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['no folder', () => Promise.resolve((root = join(root, 'none'))), 'NAS_DATA_MISSING', /cannot open/],
    ['no class', () => Promise.resolve(), 'NAS_DATA_CLASSES', /no class folder/],
    [
      'one class',
      () => fill(join(root, 'red'), 4, red),
      'NAS_DATA_CLASSES',
      /has only one class folder, red/,
    ],
    [
      'an empty class',
      async () => {
        await fill(join(root, 'red'), 4, red);
        await mkdir(join(root, 'blue'));
      },
      'NAS_DATA_CLASSES',
      /blue has no picture/,
    ],
    [
      'a broken picture',
      async () => {
        await fill(join(root, 'red'), 4, red);
        await fill(join(root, 'blue'), 4, blue);
        for (const at of [0, 2]) await writeFile(join(root, 'blue', `${at}.png`), 'not a picture');
      },
      'NAS_DATA_BROKEN',
      /blue\/[02]\.png: cannot be read/,
    ],
    [
      'a link out of the folder',
      async () => {
        await fill(join(root, 'red'), 4, red);
        await fill(join(root, 'blue'), 4, blue);
        await picture(join(root, '..', 'secret.png'), 9, 9, red);
        await symlink(join(root, '..', 'secret.png'), join(root, 'red', 'z.png'));
      },
      'NAS_DATA_LINK',
      /z\.png is a link that leads out/,
    ],
    [
      'parts with other classes',
      async () => {
        for (const name of ['train/red', 'train/blue', 'test/red', 'test/green'])
          await fill(join(root, name), 2, red);
      },
      'NAS_DATA_CLASSES',
      /test has the classes green, red; expected those of train\/: blue, red/,
    ],
  ])('reports %s', async (_what, make, code, message) => {
    await make();
    const error = await failure();
    expect(error).toMatchObject({ code });
    expect(String(error)).toMatch(message);
  });

  it('refuses a picture of too many pixels without decoding it', async () => {
    await fill(join(root, 'red'), 3, red);
    await fill(join(root, 'blue'), 3, blue);
    for (const at of [0, 2]) await writeFile(join(root, 'blue', `${at}.png`), pngOf(20_000, 20_000));
    const error = await failure();
    expect(error).toMatchObject({ code: 'NAS_DATA_BROKEN' });
    expect(String(error)).toMatch(/pixel limit/);
  });

  it('refuses a drawing under the name of a picture', async () => {
    await fill(join(root, 'red'), 3, red);
    await fill(join(root, 'blue'), 3, blue);
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>';
    for (const at of [0, 2]) await writeFile(join(root, 'blue', `${at}.png`), svg);
    expect(await failure()).toMatchObject({ code: 'NAS_DATA_BROKEN' });
  });

  it('refuses a format of libvips that is no picture’s, under the name of a picture', async () => {
    await fill(join(root, 'red'), 3, red);
    await fill(join(root, 'blue'), 3, blue);
    // The dump of libvips: its header, then 20 × 20 pixels of three bytes. Read in a process that blocks nothing, it opens.
    const dump = Buffer.alloc(64 + 20 * 20 * 3);
    dump.writeUInt32BE(0xb6a6f208, 0);
    for (const [at, value] of [20, 20, 3, 0, 0, 0, 22].entries()) dump.writeUInt32LE(value, 4 + 4 * at);
    const files = { dump, matrix: '3 1\n1 2 3\n', csv: '1,2,3\n4,5,6\n' };
    for (const content of Object.values(files)) {
      await writeFile(join(root, 'blue', '0.png'), content);
      expect(await failure()).toMatchObject({ code: 'NAS_DATA_BROKEN' });
    }
  });

  it('follows a link that stays inside', async () => {
    await fill(join(root, 'red'), 3, red);
    await mkdir(join(root, 'blue'));
    await fill(join(root, '.store'), 2, blue);
    for (const at of [0, 1]) await symlink(`../.store/0.png`, join(root, 'blue', `${at}.png`));
    expect((await loadData(spec())).classes).toEqual(['blue', 'red']);
  });

  it('refuses more pixels than memory should hold', async () => {
    await fill(join(root, 'red'), 3, red);
    await fill(join(root, 'blue'), 3, blue);
    const { decodeImages } = await import('../../src/data/pictures/images.js');
    const many = Array.from({ length: 400_000 }, () => ({ path: 'x', name: 'x', label: 0 }));
    await expect(decodeImages(many, 64)).rejects.toMatchObject({ code: 'NAS_DATA_TOO_LARGE' });
  });
});

/** A small file that says it is a grey picture of that size. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(data.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = chunk('IDAT', deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk('IHDR', header), pixels, chunk('IEND', Buffer.alloc(0))]);
}
