import { join } from 'node:path';
import { readPlainFile } from '../../core/index.js';
import type { Examples } from '../../backends/index.js';
import { sharedExamples } from '../dataset.js';
import { broken, findFile, readUnpacked } from '../files.js';
import { findInTar } from './tar.js';

/** What CIFAR-10 in its publisher's binary batches consists of. */
export interface CifarFacts {
  readonly name: string;
  /** Pictures per batch file. */
  readonly perBatch: number;
  readonly classes: readonly string[];
  readonly train: readonly string[];
  readonly test: readonly string[];
  /** The class names, one per line. */
  readonly meta: string;
  readonly archive: { readonly name: string; readonly bytes: number; readonly sha256: string };
}

/**
 * CIFAR-10 (Krizhevsky 2009), "binary version suitable for C programs". The archive's checksum belongs to the one
 * with the MD5 sum on the publisher's page, c32a1d4ab5d03f1284b67883e8d87530.
 */
export const cifar10: CifarFacts = {
  name: 'cifar10',
  perBatch: 10_000,
  classes: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
  train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  test: ['test_batch.bin'],
  meta: 'batches.meta.txt',
  archive: {
    name: 'cifar-10-binary.tar.gz',
    bytes: 170_052_171,
    sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
  },
};

const side = 32;
const plane = side * side;
const record = 1 + 3 * plane;
/** The archive's folder. */
export const cifarFolder = 'cifar-10-batches-bin';

/** Bytes of one batch file. */
export function batchBytes(facts: CifarFacts): number {
  return facts.perBatch * record;
}

/** Appends a batch file's pictures to the examples. @throws NasError `NAS_DATA_BROKEN` */
export function readBatch(
  bytes: Uint8Array,
  file: string,
  facts: CifarFacts,
  into: Examples,
  from: number,
): void {
  const fix = fixOf(facts);
  if (bytes.length !== batchBytes(facts))
    throw broken(file, `${bytes.length} bytes`, `${batchBytes(facts)} (${facts.perBatch} records)`, fix);
  for (let row = 0; row < facts.perBatch; row++) {
    const start = row * record;
    const label = bytes[start] ?? 0;
    if (label >= facts.classes.length)
      throw broken(file, `label ${label} at row ${row}`, `labels below ${facts.classes.length}`, fix);
    into.labels[from + row] = label;
    const out = (from + row) * 3 * plane;
    // Stored plane by plane, wanted pixel by pixel.
    for (let pixel = 0; pixel < plane; pixel++) {
      into.images[out + 3 * pixel] = bytes[start + 1 + pixel] ?? 0;
      into.images[out + 3 * pixel + 1] = bytes[start + 1 + plane + pixel] ?? 0;
      into.images[out + 3 * pixel + 2] = bytes[start + 1 + 2 * plane + pixel] ?? 0;
    }
  }
}

/**
 * Reads one part from `<folder>/cifar10/`: the batch files there, or in `cifar-10-batches-bin` below, or inside the
 * archive `cifar-10-binary.tar.gz`.
 * @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`
 */
export async function loadCifar(folder: string, part: 'train' | 'test', facts = cifar10): Promise<Examples> {
  const names = facts[part];
  const files = await openCifar(join(folder, facts.name), names, facts);
  const examples = sharedExamples(names.length * facts.perBatch, [side, side, 3]);
  for (const [index, { path, bytes }] of files.entries())
    readBatch(bytes, path, facts, examples, index * facts.perBatch);
  return examples;
}

interface OpenFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The named files of a folder with CIFAR-10 in any of its forms. @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_BROKEN` */
export async function openCifar(
  home: string,
  names: readonly string[],
  facts: CifarFacts,
): Promise<readonly OpenFile[]> {
  const fix = fixOf(facts);
  const limit = batchBytes(facts);
  for (const place of [home, join(home, cifarFolder)]) {
    const paths = await Promise.all(names.map((name) => findFile(place, name)));
    if (paths.every((path) => path === undefined)) continue;
    return Promise.all(
      paths.map(async (path, index) => {
        if (path === undefined)
          throw broken(place, `no ${names[index] ?? 'file'}`, `all of ${names.join(', ')}`, fix);
        return { path, bytes: await readUnpacked(path, limit, fix) };
      }),
    );
  }
  const archive = join(home, facts.archive.name);
  const unpacked = await readUnpacked(archive, 7 * limit + 2 ** 20, fix);
  return names.map((name) => {
    const bytes = findInTar(unpacked, `${cifarFolder}/${name}`, archive, fix);
    return { path: `${archive}:${name}`, bytes };
  });
}

/** Whether `batches.meta.txt`, where there is one, names the classes that are expected. @throws NasError `NAS_DATA_BROKEN` */
export async function checkMeta(home: string, facts: CifarFacts): Promise<void> {
  for (const place of [home, join(home, cifarFolder)]) {
    const path = join(place, facts.meta);
    const text = await readPlainFile(path).then(String, () => undefined);
    if (text === undefined) continue;
    const found = text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    if (found.join() !== facts.classes.join())
      throw broken(
        path,
        `classes ${found.slice(0, 12).join(', ').slice(0, 200)}`,
        facts.classes.join(', '),
        fixOf(facts),
      );
  }
}

function fixOf(facts: CifarFacts): string {
  return `run: npx nas data get ${facts.name}`;
}
