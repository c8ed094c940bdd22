import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { assertNever, digest, messageOf } from '../core/index.js';
import { cifar10, openCifar } from './sets/cifar10.js';
import { fashionMnist } from './sets/fashion-mnist.js';
import { missing, readPlain } from './files.js';
import { eachOf } from './pictures/images.js';
import { imageParts } from './pictures/parts.js';
import { parseDataName, type DataSpec } from './spec.js';

/** Which part a file belongs to; `file` for a publisher's file, which holds many pictures. */
export type FilePart = 'training' | 'held out' | 'test' | 'unused' | 'file';

/** One file of a data set, by what shows whether it has changed. */
export interface DataFileFacts {
  readonly name: string;
  readonly part: FilePart;
  readonly bytes: number;
  /** Of a publisher's file, unpacked; null for pictures of `images:DIR`, of which names and sizes are compared only. */
  readonly crc: number | null;
}

/** The files of a data set, sorted by name, and their digest. */
export interface DataFiles {
  readonly digest: string;
  readonly files: readonly DataFileFacts[];
}

/**
 * Lists the files of a specification with part and size, pixels unread. Of `images:DIR` it cannot see a picture that was
 * replaced by another one of the same name and the same number of bytes; dates are ignored. A publisher's files
 * are read, so that it sees every change and takes an archive and its unpacked files for the same.
 * @throws NasError as `loadData`
 */
export async function dataFiles(spec: DataSpec): Promise<DataFiles> {
  const files = [...(await listed(spec))].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { digest: digest(files.map(({ name, part, bytes, crc }) => [name, part, bytes, crc])), files };
}

async function listed(spec: DataSpec): Promise<readonly DataFileFacts[]> {
  const name = parseDataName(spec.name);
  switch (name.kind) {
    case 'fashion-mnist': {
      const { train, test } = fashionMnist;
      const all = [train.images, train.labels, test.images, test.labels];
      const home = join(spec.folder, fashionMnist.name);
      return Promise.all(
        all.map(async (file) =>
          published(file.name, (await readPlain(home, file.name, file.bytes, GET(fashionMnist.name))).bytes),
        ),
      );
    }
    case 'cifar10': {
      const names = [...cifar10.train, ...cifar10.test];
      const opened = await openCifar(join(spec.folder, cifar10.name), names, cifar10);
      return opened.map(({ bytes }, index) => published(names[index] ?? '', bytes));
    }
    case 'images': {
      const { training, split, test, unused } = await imageParts(spec, name.directory);
      const heldOut = new Set(split.validation);
      const parts = [
        ...training.map((file, row) => ({ file, part: heldOut.has(row) ? 'held out' : 'training' }) as const),
        ...test.map((file) => ({ file, part: 'test' }) as const),
        ...unused.map((file) => ({ file, part: 'unused' }) as const),
      ];
      const files: DataFileFacts[] = [];
      await eachOf(parts, 64, async ({ file, part }) => {
        const { size } = await stat(file.path).catch((cause: unknown) => {
          throw missing(
            `cannot read ${file.path} (${messageOf(cause)})`,
            'a readable file',
            'check its rights',
            cause,
          );
        });
        files.push({ name: file.name, part, bytes: size, crc: null });
      });
      return files;
    }
    default:
      return assertNever(name);
  }
}

const GET = (name: string): string => `run: npx nas data get ${name}`;

function published(name: string, bytes: Uint8Array): DataFileFacts {
  return { name, part: 'file', bytes: bytes.length, crc: crc32(bytes) };
}

/** What differs between two listings of a data set, each as names in order. */
export interface FileChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The same name with another size, or other contents of a publisher's file. */
  readonly changed: readonly string[];
  /** The same file in another part. */
  readonly moved: readonly string[];
}

export function changesBetween(
  before: readonly DataFileFacts[],
  after: readonly DataFileFacts[],
): FileChanges {
  const [old, now] = [
    new Map(before.map((file) => [file.name, file])),
    new Map(after.map((file) => [file.name, file])),
  ];
  const kept = after.flatMap((file) => {
    const was = old.get(file.name);
    return was === undefined ? [] : [{ file, was }];
  });
  return {
    added: after.filter(({ name }) => !old.has(name)).map(({ name }) => name),
    removed: before.filter(({ name }) => !now.has(name)).map(({ name }) => name),
    changed: kept
      .filter(({ file, was }) => file.bytes !== was.bytes || file.crc !== was.crc)
      .map(({ file }) => file.name),
    moved: kept.filter(({ file, was }) => file.part !== was.part).map(({ file }) => file.name),
  };
}
