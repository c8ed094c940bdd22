import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chancesOf, isAtChance } from '../../src/app/search/chance.js';
import { keepFacts } from '../../src/app/study/data-facts.js';
import { studySpec } from '../../src/app/study/defaults.js';
import { keepFiles, requireOrKeepData, requireSameData } from '../../src/app/study/same-data.js';
import { cifar10 } from '../../src/data/sets/cifar10.js';
import { fashionMnist } from '../../src/data/sets/fashion-mnist.js';
import { dataFiles, loadData } from '../../src/data/index.js';
import { createStudy, type TrialStore } from '../../src/trials/index.js';

let root = '';
let store: TrialStore;
const picture = (grey: number) =>
  sharp({ create: { width: 8, height: 8, channels: 3, background: { r: grey, g: grey, b: grey } } })
    .png()
    .toBuffer();
const specOf = (name = `images:${join(root, 'data')}`) =>
  studySpec({
    study: 'demo',
    data: { name, folder: root, heldOut: 0.2, size: 16, limit: null },
    task: { input: [16, 16, 3], classes: 2 },
    targetMs: 1,
    backend: 'reference',
  });
const dataOf = (spec: ReturnType<typeof specOf>) => ({ ...spec.data, seed: spec.seed });

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'nas-same-data-'));
  for (const [label, name] of ['a', 'b'].entries()) {
    mkdirSync(join(root, 'data', name), { recursive: true });
    for (let at = 0; at < 6; at++)
      writeFileSync(join(root, 'data', name, `${at}.png`), await picture(20 * at + label));
  }
  const spec = specOf();
  store = createStudy(join(root, 'study'), {
    name: 'demo',
    spec,
    spaceDigest: 'x'.repeat(64),
    seed: spec.seed,
    environment: {},
  });
});

afterEach(() => {
  store[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

describe('the data of a study', () => {
  it('is refused when it has changed, with what has', async () => {
    const spec = specOf();
    keepFiles(store, await dataFiles(dataOf(spec)));
    await requireSameData(store, spec);
    writeFileSync(join(root, 'data', 'a', 'new.png'), await picture(5));
    rmSync(join(root, 'data', 'b', '3.png'));
    await expect(requireSameData(store, spec)).rejects.toMatchObject({
      code: 'NAS_DATA_CHANGED',
      found: expect.stringMatching(/1 added \(a\/new.png\), 1 removed \(b\/3.png\)$/) as string,
      fix: expect.stringMatching(/restore the data.*new study/) as string,
    });
    await expect(requireOrKeepData(store, spec, () => undefined)).rejects.toThrow(/1 added/);
  });

  it.each([
    ['fashion-mnist', 't10k-labels-idx1-ubyte'],
    ['cifar10', 'data_batch_3.bin'],
  ])('of %s is refused when one byte of a file of the same size has changed', async (name, file) => {
    const { train, test } = fashionMnist;
    const sizes: readonly (readonly [string, number])[] =
      name === 'cifar10'
        ? [...cifar10.train, ...cifar10.test].map((one) => [one, 3073] as const)
        : [train.images, train.labels, test.images, test.labels].map((one) => [one.name, one.bytes] as const);
    mkdirSync(join(root, name));
    for (const [one, bytes] of sizes) {
      writeFileSync(join(root, name, one), '');
      // Sparse: the pixels are not read here.
      truncateSync(join(root, name, one), bytes);
    }
    const spec = specOf(name);
    keepFiles(store, await dataFiles(dataOf(spec)));
    await requireSameData(store, spec);
    const open = openSync(join(root, name, file), 'r+');
    writeSync(open, Uint8Array.of(1), 0, 1, 1000);
    closeSync(open);
    await expect(requireSameData(store, spec)).rejects.toMatchObject({
      code: 'NAS_DATA_CHANGED',
      found: expect.stringContaining(`1 with other contents (${file})`) as string,
    });
  });

  it('is listed at the next session of a study that kept no list, and held to the list from then on', async () => {
    const spec = specOf();
    keepFacts(store, await loadData(dataOf(spec)));
    const lines: string[] = [];
    await requireOrKeepData(store, spec, (line) => lines.push(line));
    await requireOrKeepData(store, spec, (line) => lines.push(line));
    expect(lines).toEqual([expect.stringMatching(/kept no list of its files; 12 files/)]);
    writeFileSync(join(root, 'data', 'a', 'new.png'), await picture(5));
    await expect(requireSameData(store, spec)).rejects.toThrow(/1 added/);
  });

  it('is refused for a study that kept no list when its pixels are others', async () => {
    const spec = specOf();
    keepFacts(store, await loadData(dataOf(spec)));
    for (let at = 0; at < 6; at++) writeFileSync(join(root, 'data', 'a', `${at}.png`), await picture(255));
    await expect(requireOrKeepData(store, spec, () => undefined)).rejects.toThrow(
      /another mean or deviation/,
    );
  });
});

describe('chance', () => {
  it('is what naming the largest class always has right, within two standard errors', () => {
    const { heldOut, test } = chancesOf([
      { name: 'a', training: 9, heldOut: 60, test: 5 },
      { name: 'b', training: 9, heldOut: 40, test: 5 },
    ]);
    expect([heldOut, test]).toEqual([
      { share: 0.6, pictures: 100 },
      { share: 0.5, pictures: 10 },
    ]);
    expect([isAtChance(0.6, heldOut), isAtChance(0.69, heldOut), isAtChance(0.71, heldOut)]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
