import { appendFile, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import {
  changesBetween,
  dataFiles,
  loadData,
  loadTest,
  prepareData,
  type DataSpec,
} from '../../src/data/index.js';
import { limitedRows } from '../../src/data/pictures/parts.js';
import { leastPerClass, stratifiedSplit } from '../../src/data/split.js';
import { scratch } from './fixtures.js';

let root = '';
beforeEach(async () => {
  root = join(await scratch(), 'pictures');
});

const spec = (change: Partial<DataSpec> = {}): DataSpec => ({
  ...{ name: `images:${root}`, folder: '', heldOut: 0.2, seed: '3', size: 16, limit: null },
  ...change,
});

const prepared = (skipBroken = false, change: Partial<DataSpec> = {}) =>
  prepareData(spec(change), { skipBroken });

/** A picture of noise, so that its file has a length to cut; `JPEG` of 96×96 unless said otherwise. */
async function noise(
  seed: number,
  format: 'jpeg' | 'png' | 'gif' | 'webp' | 'tiff' = 'jpeg',
): Promise<Buffer> {
  const rng = createRng(seed);
  const pixels = Buffer.from(Array.from({ length: 96 * 96 * 3 }, () => rng.integer(256)));
  const picture = sharp(pixels, { raw: { width: 96, height: 96, channels: 3 } });
  return picture.toFormat(format).toBuffer();
}

async function fill(folder: string, count: number, from = 0): Promise<void> {
  await mkdir(join(root, folder), { recursive: true });
  for (let at = 0; at < count; at++) await writeFile(join(root, folder, `${at}.jpg`), await noise(from + at));
}

describe('every part is checked before anything is trained', () => {
  it('names broken pictures of all parts, the first ten and how many, and continues without them', async () => {
    for (const [at, name] of ['train/a', 'train/b', 'test/a', 'test/b'].entries())
      await fill(name, 9, 10 * at);
    for (const name of ['test/a', 'test/b'])
      for (let at = 0; at < 6; at++)
        await writeFile(join(root, name, `${at}.jpg`), at < 3 ? '' : '<html>404</html>');
    await expect(prepared()).rejects.toMatchObject({
      code: 'NAS_DATA_BROKEN',
      found: expect.stringMatching(
        /^12 of 36 pictures cannot be used: \S+test\/a\/0.jpg: cannot be read \(the file is empty\); .*test\/a\/3.jpg: cannot be read \(it is a web page, no picture\).* and 2 more$/,
      ) as string,
      fix: expect.stringContaining('--skip-broken') as string,
    });
    const { spec: stored, data, broken, counts } = await prepared(true);
    expect([broken.length, stored.skip?.length]).toEqual([12, 12]);
    expect(counts.map(({ test }) => test)).toEqual([3, 3]);
    expect((await loadTest({ spec: stored })).count).toBe(6);
    expect(await loadData(stored)).toEqual(data);
  });

  it('reports when too little is left without them', async () => {
    await fill('a', 4);
    await fill('b', 4);
    for (let at = 0; at < 4; at++) await writeFile(join(root, 'b', `${at}.jpg`), 'x');
    await expect(prepared(true)).rejects.toThrow(/4 of 8 pictures cannot be used: \S+b\/0.jpg/);
  });
});

describe('damaged pictures', () => {
  const cut = (bytes: Buffer, share: number): Buffer => bytes.subarray(0, Math.floor(bytes.length * share));

  it.each<[string, (whole: Buffer) => Buffer]>([
    ['without its end marker', (whole) => whole.subarray(0, -2)],
    [
      'with stray bytes before a marker',
      (whole) => {
        const at = whole.indexOf(Buffer.from([0xff, 0xdb]));
        return Buffer.concat([whole.subarray(0, at), Buffer.from('stray!'), whole.subarray(at)]);
      },
    ],
    ['without its last rows', (whole) => cut(whole, 0.9)],
    ['with something behind its end', (whole) => Buffer.concat([whole, Buffer.alloc(100)])],
  ])('JPEG %s is decoded as viewers do', async (what, damage) => {
    await fill('a', 4);
    await fill('b', 4, 10);
    const whole = await noise(1);
    const before = await prepared();
    await writeFile(join(root, 'a', '1.jpg'), damage(whole));
    const after = await prepared();
    expect(after.broken).toEqual([]);
    if (!what.includes('behind'))
      expect(after.warnings.join()).toMatch(/1 damaged picture was decoded anyway.*a\/1.jpg/);
    if (!what.includes('rows')) expect(after.data.training.images).toEqual(before.data.training.images);
  });

  it.each<[string, () => Promise<Buffer>, RegExp]>([
    [
      'half of a JPEG',
      async () => cut(await noise(1), 0.5),
      /(4|5)\d(\.\d+)? % of its rows are missing \(.*(premature end|the file ends before the picture does)/,
    ],
    [
      'a JPEG that ends behind its header',
      async () => cut(await noise(1), 0.06),
      /1.jpg.*(no picture data|8\d(\.\d+)? % of its rows are missing)/,
    ],
    ['half of a PNG', async () => cut(await noise(1, 'png'), 0.5), /no picture data|missing/],
    ['half of a WebP', async () => cut(await noise(1, 'webp'), 0.5), /cannot be read/],
    [
      'a text',
      () => Promise.resolve(Buffer.from('hello')),
      /it is text that begins with "hello", no picture/,
    ],
    [
      'a Git LFS pointer',
      () => Promise.resolve(Buffer.from('version https://git-lfs.github.com/spec/v1\n')),
      /Git LFS pointer/,
    ],
  ])('%s is refused with the reason', async (_, bytes, reason) => {
    await fill('a', 4);
    await fill('b', 4, 10);
    await writeFile(join(root, 'a', '1.jpg'), await bytes());
    await expect(prepared()).rejects.toThrow(reason);
    await expect(prepared()).rejects.not.toThrow(/million/);
  });
});

describe('folders as people have them', () => {
  it.each([
    ['Training', 'Testing'],
    ['TRAIN', 'Val'],
    ['train', 'Validation'],
  ])('%s and %s are parts', async (train, test) => {
    for (const [name, count] of [
      [train, 6],
      [test, 3],
    ] as const) {
      await fill(join(name, 'a'), count);
      await fill(join(name, 'b'), count, 10);
    }
    const { data } = await prepared();
    expect(data.classes).toEqual(['a', 'b']);
    expect([data.training.count, (await loadTest(data)).count]).toEqual([12, 6]);
  });

  it('holds out the part for validation where there is one for the test too, limited or not', async () => {
    for (const [name, count] of [
      ['train', 8],
      ['val', 3],
      ['test', 2],
    ] as const) {
      await fill(join(name, 'a'), count);
      await fill(join(name, 'b'), count, 20);
    }
    const { counts } = await prepared();
    expect(counts).toEqual(['a', 'b'].map((name) => ({ name, training: 8, heldOut: 3, test: 2 })));
    const { counts: few } = await prepared(false, { limit: 6 });
    expect(few).toEqual(['a', 'b'].map((name) => ({ name, training: 2, heldOut: 1, test: 2 })));
    await expect(prepared(false, { limit: 5 })).rejects.toThrow(/raise the limit to 6/);
  });

  it('refuses two folders for one part, and a level too high', async () => {
    for (const name of ['train/a', 'train/b', 'Training/a', 'Training/b']) await fill(name, 3);
    await expect(prepared()).rejects.toThrow(/two folders for the same part, Training and train/);
    await rm(root, { recursive: true });
    for (const name of ['images/a', 'images/b', 'masks/a', 'masks/b']) await fill(name, 3);
    await expect(prepared()).rejects.toThrow(
      /each folder of .* \(images, masks\) has the folders a, b and no picture/,
    );
  });

  it('reads sub-folders and other extensions, and counts what it passes over', async () => {
    await fill('a', 4);
    await fill('b', 2, 10);
    await fill('b/2019', 3, 20);
    await writeFile(join(root, 'a', 'x.JFIF'), await noise(50));
    for (const name of ['a/notes.txt', 'a/y.heic', 'a/Thumbs.db', 'a/.DS_Store', 'b/z.HEIC'])
      await writeFile(join(root, name), 'x');
    await mkdir(join(root, '__MACOSX', 'a'), { recursive: true });
    const { data, counts, warnings } = await prepared();
    expect(data.classes).toEqual(['a', 'b']);
    expect(counts.map(({ training, heldOut, test }) => training + heldOut + test)).toEqual([5, 5]);
    expect(warnings.join('\n')).toMatch(
      /passed over: 2 \.heic \(cannot be decoded: convert to PNG or JPEG\), 1 \.txt \(no picture format\), 3 hidden or system files/,
    );
    expect(warnings.join('\n')).toMatch(/3 pictures lie in sub-folders/);
  });

  it('takes a name in either Unicode form for the same class, and distinguishes two of them', async () => {
    const [composed, apart] = ['caf\u00e9', 'cafe\u0301'];
    for (const name of ['train/b', 'test/b', `train/${composed}`, `test/${apart}`]) await fill(name, 3);
    expect((await prepared()).data.classes).toEqual(['b', composed]);
    await fill(`train/${apart}`, 3);
    await expect(prepared()).rejects.toThrow(/same letters, "cafe\\u\{301\}" and "caf\\u\{e9\}"/);
  });
});

describe('a limit', () => {
  it('keeps every class in training and held-out part, or names the least limit that does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 60 }), { minLength: 2, maxLength: 40 }),
        fc.integer({ min: 4, max: 600 }),
        (counts, limit) => {
          const labels = counts.flatMap((count, label) => Array.from({ length: count }, () => label));
          const floors = counts.map(() => leastPerClass);
          const take = (most: number) => limitedRows(labels, floors, counts.length, most, createRng(1));
          let used = limit;
          let rows: Int32Array;
          try {
            rows = take(limit);
          } catch (error) {
            used = Number(/raise the limit to (\d+)/.exec(String(error))?.[1]);
            expect(used).toBeGreaterThan(limit);
            rows = take(used);
            expect(() => take(used - 1)).toThrow(/limit of/);
          }
          expect(rows).toHaveLength(Math.min(used, labels.length));
          const chosen = Array.from(rows, (row) => labels[row]!);
          const split = stratifiedSplit(chosen, counts.length, 0.1, createRng(2));
          counts.forEach((count, label) => {
            const taught = split.train.filter((row) => chosen[row] === label).length;
            const held = split.validation.filter((row) => chosen[row] === label).length;
            expect(held).toBeGreaterThanOrEqual(1);
            expect(taught).toBeGreaterThanOrEqual(Math.min(2, count - 1));
          });
        },
      ),
    );
  });
});

describe('the files of a data set', () => {
  it('have the same digest until one is added, removed or resized', async () => {
    await fill('a', 5);
    await fill('b', 5, 10);
    const before = await dataFiles(spec());
    await utimes(join(root, 'a', '0.jpg'), 1, 1);
    expect(await dataFiles(spec())).toEqual(before);
    expect((await dataFiles(spec({ limit: 6 }))).digest).not.toBe(before.digest);
    await appendFile(join(root, 'a', '1.jpg'), 'x');
    await rm(join(root, 'a', '2.jpg'));
    await writeFile(join(root, 'b', 'new.jpg'), await noise(99));
    const after = await dataFiles(spec());
    expect(after.digest).not.toBe(before.digest);
    expect(changesBetween(before.files, after.files)).toMatchObject({
      added: ['b/new.jpg'],
      removed: ['a/2.jpg'],
      changed: ['a/1.jpg'],
    });
  });
});
