import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { prepareData, type DataSpec } from '../../src/data/index.js';
import { pictureReader } from '../../src/data/pictures/picture.js';
import { bmp, tiff, type Samples } from './picture-files.js';
import { scratch } from './fixtures.js';

/** A ramp from 0 at the left to 1 at the right, the same in every row. */
const SIDE = 32;
const ramp = (channels: number): Samples => ({
  width: SIDE,
  height: SIDE,
  channels,
  value: (x, _y, channel) => (channel % 2 === 0 ? x / (SIDE - 1) : 1 - x / (SIDE - 1)),
});

async function decoded(bytes: Uint8Array, name: string, whites = {}): Promise<readonly number[][]> {
  const path = join(await scratch(), name);
  await writeFile(path, bytes);
  const picture = await (await pictureReader()).picture(path, SIDE, whites);
  if (picture.fault !== undefined) throw new Error(picture.fault);
  return Array.from({ length: SIDE }, (_, x) => [
    ...picture.pixels.subarray(3 * (16 * SIDE + x), 3 * (16 * SIDE + x) + 3),
  ]);
}

/** Whether the middle row is the ramp in grey or in colours, within `off` of 255. */
function expectRamp(row: readonly number[][], colours: boolean, off = 2): void {
  row.forEach((pixel, x) => {
    const up = (255 * x) / (SIDE - 1);
    const wanted = colours ? [up, 255 - up, up] : [up, up, up];
    pixel.forEach((value, channel) => expect(Math.abs(value - wanted[channel]!)).toBeLessThanOrEqual(off));
  });
}

describe('every kind of sample becomes 0 … 255', () => {
  it.each<[string, Parameters<typeof tiff>[1], number, boolean, object]>([
    ['8 bits', 'u8', 1, false, {}],
    ['8 bits in colours', 'u8', 3, true, {}],
    ['16 bits', 'u16', 1, false, {}],
    ['16 bits in colours', 'u16', 3, true, {}],
    ['32 bits', 'u32', 1, false, {}],
    ['32 bits in colours', 'u32', 3, true, {}],
    ['32 bits with a sign', 'i32', 1, false, {}],
    ['16 bits with a sign', 'i16', 1, false, {}],
    ['8 bits with a sign', 'i8', 1, false, {}],
    ['32-bit floating point', 'f32', 1, false, {}],
    ['32-bit floating point in colours', 'f32', 3, true, {}],
    ['16-bit floating point in colours', 'f16', 3, true, {}],
  ])('TIFF of %s', async (_, type, channels, colours, whites) => {
    expectRamp(await decoded(tiff(ramp(channels), type), 'a.tif', whites), colours);
  });

  it('TIFF of 12 bits in 16, with the white of the whole set', async () => {
    expectRamp(await decoded(tiff(ramp(1), 'u16', 4095), 'a.tif', { ushort: 4095 }), false);
    expectRamp(await decoded(tiff(ramp(3), 'u16', 4095), 'a.tif', { ushort: 4095 }), true);
  });

  it.each([1, 2, 4, 8] as const)('PNG of %i bits with a palette', async (bits) => {
    const raw = { width: SIDE, height: SIDE, channels: 3 as const };
    const pixels = Buffer.from(
      Array.from({ length: SIDE * SIDE * 3 }, (_, at) =>
        Math.round((255 * (Math.floor(at / 3) % SIDE)) / (SIDE - 1)),
      ),
    );
    const png = await sharp(pixels, { raw })
      .png({ palette: true, colours: 2 ** bits, dither: 0 })
      .toBuffer();
    expectRamp(await decoded(png, 'a.png'), false, 260 / 2 ** bits);
  });

  it('PNG of 16 bits, grey with transparency, RGBA; CMYK JPEG; turned by EXIF; with a colour profile', async () => {
    const grey = Uint16Array.from({ length: SIDE * SIDE }, (_, at) =>
      Math.round((65_535 * (at % SIDE)) / (SIDE - 1)),
    );
    const deep = sharp(grey, {
      raw: { width: SIDE, height: SIDE, channels: 1 },
    }).toColourspace('grey16');
    expectRamp(await decoded(await deep.png().toBuffer(), 'a.png'), false);
    const colour = (r: number, g: number, b: number, alpha = 1) =>
      sharp({ create: { width: SIDE, height: SIDE, channels: 4, background: { r, g, b, alpha } } });
    const close = (row: readonly number[][], wanted: readonly number[], off: number): void => {
      row[5]!.forEach((value, channel) =>
        expect(Math.abs(value - wanted[channel]!)).toBeLessThanOrEqual(off),
      );
    };
    close(await decoded(await colour(200, 100, 50, 0.5).png().toBuffer(), 'a.png'), [100, 50, 25], 2);
    close(
      await decoded(await colour(90, 90, 90, 0.5).toColourspace('b-w').png().toBuffer(), 'a.png'),
      [45, 45, 45],
      2,
    );
    close(
      await decoded(await colour(200, 40, 40).flatten().toColourspace('cmyk').jpeg().toBuffer(), 'a.jpg'),
      [200, 40, 40],
      30,
    );
    // The same red has other numbers in the wider P3.
    const p3 = await colour(200, 40, 40).flatten().withIccProfile('p3').png().toBuffer();
    close(await decoded(p3, 'a.png'), [200, 40, 40], 4);
    const turned = await sharp(await colour(0, 0, 0).flatten().png().toBuffer())
      .composite([
        {
          input: { create: { width: SIDE, height: SIDE / 2, channels: 3, background: 'white' } },
          left: 0,
          top: 0,
        },
      ])
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    // Orientation 6 turns the top to the right.
    const row = await decoded(turned, 'a.png');
    expect([row[2], row[29]]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
  });

  it.each([1, 4, 8, 16, 24, 32] as const)('bitmaps of %i bits', async (bits) => {
    expectRamp(
      await decoded(bmp(ramp(3), bits), 'a.bmp'),
      bits > 8,
      bits === 16 ? 9 : 260 / 2 ** Math.min(bits, 8),
    );
  });

  it.each(['rle8', 'rle4'] as const)('bitmaps packed by %s', async (packing) => {
    expectRamp(
      await decoded(bmp(ramp(1), packing === 'rle8' ? 8 : 4, packing), 'a.bmp'),
      false,
      packing === 'rle8' ? 2 : 17,
    );
  });

  it.each<[string, Parameters<typeof tiff>[1], number, number | undefined, RegExp]>([
    ['floating point to 255', 'f32', 1, 255, /floating-point samples from 0 to 255; expected 0 to 1/],
    ['no numbers', 'f32', 1, Number.NaN, /no numbers \(NaN\)/],
    ['values below zero', 'i16', 1, -300, /integer samples from -300 to 0/],
    ['16-bit floating-point grey', 'f16', 1, undefined, /16-bit floating-point grey.*convert it/],
    ['five channels', 'u8', 5, undefined, /5 channels/],
  ])('%s are refused by name', async (_, type, channels, white, fault) => {
    const root = await scratch();
    for (const name of ['a', 'b']) {
      await mkdir(join(root, name));
      for (let at = 0; at < 4; at++)
        await writeFile(join(root, name, `${at}.tif`), tiff(ramp(channels), type, white));
    }
    await expect(prepareData(specOf(root), { skipBroken: false })).rejects.toThrow(fault);
  });
});

function specOf(root: string): DataSpec {
  return { name: `images:${root}`, folder: '', heldOut: 0.2, seed: '1', size: 16, limit: null };
}

describe('a whole set', () => {
  async function setOf(files: (label: number, at: number) => Uint8Array, ending: string): Promise<DataSpec> {
    const root = await scratch();
    for (const [label, name] of ['a', 'b'].entries()) {
      await mkdir(join(root, name));
      for (let at = 0; at < 8; at++) await writeFile(join(root, name, `${at}.${ending}`), files(label, at));
    }
    return specOf(root);
  }

  it('of 12 bits in 16 keeps its levels: one white for all, which loading again uses too', async () => {
    const dark = (label: number, at: number) =>
      tiff(ramp(1), 'u16', label === 0 && at === 0 ? 4000 : 500 + at);
    const { spec, data, warnings } = await prepareData(await setOf(dark, 'tif'), { skipBroken: false });
    expect(spec.whites).toEqual({ ushort: 4095 });
    expect(warnings.join()).toMatch(/ushort reach no higher than 4095/);
    const most = Math.max(...data.training.images);
    expect(most).toBeGreaterThan(30);
    const { loadData } = await import('../../src/data/index.js');
    expect((await loadData(spec)).training.images).toEqual(data.training.images);
  });

  it('of equal pictures, or with a channel that never changes, is warned of', async () => {
    const equal = await prepareData(await setOf(() => tiff(ramp(1), 'u8'), 'tif'), { skipBroken: false });
    expect(equal.warnings.join()).toMatch(/all training pictures are equal/);
    const flat = (label: number, at: number) =>
      tiff(
        { ...ramp(3), value: (x, _y, c) => (c === 1 ? 0.5 : ((x * (at + 2 + label)) % SIDE) / SIDE) },
        'u8',
      );
    const constant = await prepareData(await setOf(flat, 'tif'), { skipBroken: false });
    expect(constant.warnings.join()).toMatch(/the green channel has the same value in every pixel/);
    const fine = (label: number, at: number) =>
      tiff({ ...ramp(3), value: (x, y, c) => ((x * (at + 2 + label) + c * y) % SIDE) / SIDE }, 'u8');
    expect((await prepareData(await setOf(fine, 'tif'), { skipBroken: false })).warnings).toEqual([]);
  });
});
