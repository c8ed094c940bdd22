import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach } from 'vitest';
import type { CifarFacts } from '../../src/data/sets/cifar10.js';
import { cifar10 } from '../../src/data/sets/cifar10.js';
import type { DataFile, IdxFacts } from '../../src/data/sets/fashion-mnist.js';

const made: string[] = [];

afterEach(async () => {
  await Promise.all(made.splice(0).map((path) => rm(path, { recursive: true, force: true })));
});

/** An empty folder that is removed after the test. */
export async function scratch(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'nas-data-'));
  made.push(path);
  return path;
}

/** A file in the IDX format. */
export function idx(dimensions: readonly number[], values: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header.writeUInt32BE(0x0800 + dimensions.length);
  dimensions.forEach((size, axis) => header.writeUInt32BE(size, 4 + 4 * axis));
  return Buffer.concat([header, values]);
}

export interface TinyIdx {
  readonly facts: IdxFacts;
  readonly files: ReadonlyMap<string, Buffer>;
}

/** A data set of Fashion-MNIST's form with 3×3 pictures: 12 for training, 6 for the test, three classes. */
export function tinyIdx(): TinyIdx {
  const files = new Map<string, Buffer>();
  const add = (name: string, bytes: Buffer): DataFile => {
    files.set(name, bytes);
    return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  };
  const part = (prefix: string, count: number) => ({
    count,
    images: add(
      `${prefix}-images-idx3-ubyte`,
      idx(
        [count, 3, 3],
        Uint8Array.from({ length: 9 * count }, (_, at) => (at * 7) % 256),
      ),
    ),
    labels: add(
      `${prefix}-labels-idx1-ubyte`,
      idx(
        [count],
        Uint8Array.from({ length: count }, (_, row) => row % 3),
      ),
    ),
  });
  const facts: IdxFacts = {
    name: 'fashion-mnist',
    side: 3,
    classes: ['a', 'b', 'c'],
    train: part('train', 12),
    test: part('t10k', 6),
  };
  return { facts, files };
}

/** Writes files into a folder, gzipped where asked. */
export async function put(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  zip = false,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files)
    await writeFile(join(folder, zip ? `${name}.gz` : name), zip ? gzipSync(bytes) : bytes);
}

/** A tar archive of regular files. */
export function tar(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, bytes] of files) {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write('0000644\0', 100);
    header.write(bytes.length.toString(8).padStart(11, '0'), 124);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\0', 257);
    const sum = header.reduce((a, b) => a + b, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    parts.push(header, Buffer.from(bytes), Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

export interface TinyCifar {
  readonly facts: CifarFacts;
  readonly batches: ReadonlyMap<string, Buffer>;
  readonly archive: Buffer;
}

/** CIFAR-10's form with two pictures per batch. */
export function tinyCifar(): TinyCifar {
  const batches = new Map<string, Buffer>();
  for (const [index, name] of [...cifar10.train, ...cifar10.test].entries()) {
    const bytes = Buffer.alloc(2 * 3073);
    for (const row of [0, 1]) {
      bytes[row * 3073] = (2 * index + row) % 10;
      for (let at = 0; at < 3072; at++) bytes[row * 3073 + 1 + at] = (at + 31 * index + row) % 256;
    }
    batches.set(name, bytes);
  }
  const inside = new Map([...batches].map(([name, bytes]) => [`cifar-10-batches-bin/${name}`, bytes]));
  const archive = gzipSync(tar(inside));
  const sha256 = createHash('sha256').update(archive).digest('hex');
  return {
    batches,
    archive,
    facts: { ...cifar10, perBatch: 2, archive: { ...cifar10.archive, bytes: archive.length, sha256 } },
  };
}
