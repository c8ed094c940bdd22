import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadIdx } from '../../src/data/sets/fashion-mnist.js';
import { idx, put, scratch, tinyIdx } from './fixtures.js';

async function stored(zip = false) {
  const { facts, files } = tinyIdx();
  const folder = await scratch();
  const home = join(folder, facts.name);
  await put(home, files, zip);
  return { facts, files, folder, home };
}

describe('IDX files', () => {
  it.each([false, true])('reads pictures and labels (gzipped: %s)', async (zip) => {
    const { facts, folder } = await stored(zip);
    const train = await loadIdx(folder, 'train', facts);
    expect(train.shape).toEqual([3, 3, 1]);
    expect([...train.images.subarray(9, 18)]).toEqual([63, 70, 77, 84, 91, 98, 105, 112, 119]);
    expect([...train.labels]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(train.images.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect((await loadIdx(folder, 'test', facts)).count).toBe(6);
  });

  const images = 'train-images-idx3-ubyte';
  const labels = 'train-labels-idx1-ubyte';
  const faults: readonly (readonly [string, string, Uint8Array, RegExp])[] = [
    ['an empty file', images, new Uint8Array(0), /only 0 bytes; expected an IDX header of 16 bytes/],
    [
      'a text file',
      images,
      Buffer.from('<html>not found</html>'),
      /first bytes 0x3c68746d; expected 0x00000803/,
    ],
    ['labels for pictures', images, idx([12], new Uint8Array(12)), /expected 0x00000803/],
    [
      'a short file',
      images,
      idx([12, 3, 3], new Uint8Array(107)),
      /107 bytes of values; expected 108 \(12×3×3\)/,
    ],
    ['a long file', labels, idx([12], new Uint8Array(13)), /13 bytes of values; expected 12/],
    ['another count', labels, idx([11], new Uint8Array(11)), /11 labels; expected 12/],
    ['another picture size', images, idx([12, 2, 2], new Uint8Array(48)), /12×2×2 pixels; expected 12×3×3/],
    [
      'a label out of range',
      labels,
      idx([12], new Uint8Array(12).fill(3, 7)),
      /label 3 at row 7; expected labels below 3/,
    ],
  ];
  it.each(faults)('reports %s with file and fix', async (_what, name, bytes, message) => {
    const { facts, folder, home } = await stored();
    await writeFile(join(home, name), bytes);
    const error = await loadIdx(folder, 'train', facts).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'NAS_DATA_BROKEN', fix: 'run: npx nas data get fashion-mnist' });
    expect(String(error)).toContain(join(home, name));
    expect(String(error)).toMatch(message);
  });

  it('reports a damaged gzip file', async () => {
    const { facts, files, folder, home } = await stored(true);
    const whole = gzipSync(files.get(images)!);
    await writeFile(join(home, `${images}.gz`), whole.subarray(0, whole.length - 9));
    await expect(loadIdx(folder, 'train', facts)).rejects.toMatchObject({ code: 'NAS_DATA_BROKEN' });
  });

  it('stops unpacking a file that would fill the memory', async () => {
    const { facts, folder, home } = await stored(true);
    await writeFile(join(home, `${images}.gz`), gzipSync(new Uint8Array(5_000_000)));
    await expect(loadIdx(folder, 'train', facts)).rejects.toThrow(/gzip of at most 124 bytes/);
  });

  it('reports a missing file', async () => {
    const { facts } = tinyIdx();
    await expect(loadIdx(await scratch(), 'train', facts)).rejects.toMatchObject({
      code: 'NAS_DATA_MISSING',
      fix: 'run: npx nas data get fashion-mnist',
    });
  });
});
