import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCifar } from '../../src/data/sets/cifar10.js';
import { getCifar10 } from '../../src/data/sets/get.js';
import { put, scratch, tinyCifar } from './fixtures.js';
import { serve } from './server.js';

describe('CIFAR-10', () => {
  it.each(['', 'cifar-10-batches-bin'])(
    'reads the batches in order, planes turned into pixels (below %j)',
    async (below) => {
      const { facts, batches } = tinyCifar();
      const folder = await scratch();
      await put(join(folder, 'cifar10', below), batches);
      const train = await loadCifar(folder, 'train', facts);
      expect(train).toMatchObject({ count: 10, shape: [32, 32, 3] });
      expect([...train.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const second = batches.get('data_batch_2.bin')!;
      const pixel = 3 * 3072 + 3 * 40; // row 3 is the second picture of the second batch
      expect([...train.images.subarray(pixel, pixel + 3)]).toEqual([
        second[3073 + 1 + 40],
        second[3073 + 1 + 1024 + 40],
        second[3073 + 1 + 2048 + 40],
      ]);
      expect((await loadCifar(folder, 'test', facts)).count).toBe(2);
    },
  );

  it('reads out of the archive as well', async () => {
    const { facts, archive, batches } = tinyCifar();
    const [packed, loose] = [await scratch(), await scratch()];
    await put(join(packed, 'cifar10'), new Map([[facts.archive.name, archive]]));
    await put(join(loose, 'cifar10'), batches);
    expect(await loadCifar(packed, 'train', facts)).toEqual(await loadCifar(loose, 'train', facts));
  });

  it('reports a short batch, a wrong label and a missing batch', async () => {
    const { facts, batches } = tinyCifar();
    const folder = await scratch();
    const home = join(folder, 'cifar10');
    const load = () => loadCifar(folder, 'train', facts);
    await put(home, batches);
    await writeFile(join(home, 'data_batch_3.bin'), batches.get('data_batch_3.bin')!.subarray(1));
    await expect(load()).rejects.toThrow(/data_batch_3.bin: 6145 bytes; expected 6146/);
    const wrong = Buffer.from(batches.get('data_batch_3.bin')!);
    wrong[3073] = 10;
    await writeFile(join(home, 'data_batch_3.bin'), wrong);
    await expect(load()).rejects.toThrow(/data_batch_3.bin: label 10 at row 1/);
    const few = new Map(batches);
    few.delete('data_batch_5.bin');
    const other = await scratch();
    await put(join(other, 'cifar10'), few);
    await expect(loadCifar(other, 'train', facts)).rejects.toThrow(/no data_batch_5.bin/);
  });
});

describe('getting CIFAR-10', () => {
  const quiet = { mayDownloadPackage: false };

  it('downloads, checks and unpacks the archive, and finds it the next time', async () => {
    const { facts, archive, batches } = tinyCifar();
    await using server = await serve(new Map([[`/${facts.archive.name}`, archive]]));
    const folder = await scratch();
    const options = { ...quiet, folder, mirror: server.url };
    expect(await getCifar10(options, facts)).toMatchObject({ source: 'download' });
    expect(await readdir(join(folder, 'cifar10'))).toEqual([...batches.keys()].sort());
    expect(await readFile(join(folder, 'cifar10/test_batch.bin'))).toEqual(batches.get('test_batch.bin'));
    expect(await getCifar10(options, facts)).toMatchObject({ source: 'present' });
    expect(server.asked).toHaveLength(1);
  });

  it('refuses an archive with another checksum and leaves nothing behind', async () => {
    const { facts, archive } = tinyCifar();
    const bad = Buffer.from(archive);
    bad[20]! ^= 1;
    await using server = await serve(new Map([[`/${facts.archive.name}`, bad]]));
    const folder = await scratch();
    await expect(getCifar10({ ...quiet, folder, mirror: server.url }, facts)).rejects.toMatchObject({
      code: 'NAS_DATA_BROKEN',
    });
    expect(await readdir(join(folder, 'cifar10'))).toEqual([]);
  });

  it('takes loose batches from a folder, but not with other classes', async () => {
    const { facts, batches } = tinyCifar();
    const from = join(await scratch(), 'theirs');
    await put(from, batches);
    const folder = await scratch();
    await writeFile(join(from, 'batches.meta.txt'), 'apple\nbaby\n');
    await expect(getCifar10({ ...quiet, folder, from }, facts)).rejects.toThrow(
      /batches.meta.txt: classes apple, baby/,
    );
    await writeFile(join(from, 'batches.meta.txt'), `${facts.classes.join('\n')}\n\n`);
    expect(await getCifar10({ ...quiet, folder, from }, facts)).toMatchObject({ source: 'folder' });
    expect((await loadCifar(folder, 'train', facts)).count).toBe(10);
  });
});
