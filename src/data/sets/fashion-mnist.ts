import { join } from 'node:path';
import type { Examples } from '../../backends/index.js';
import { sharedExamples } from '../dataset.js';
import { broken, readPlain } from '../files.js';
import { parseIdx } from './idx.js';

/** One of the publisher's files. */
export interface DataFile {
  readonly name: string;
  /** Bytes of the content, unpacked. */
  readonly bytes: number;
  /** Of the content, unpacked: the same for the publisher's archive, Debian's and a plain copy. */
  readonly sha256: string;
}

/** Pictures and labels of one part. */
export interface IdxPart {
  readonly images: DataFile;
  readonly labels: DataFile;
  readonly count: number;
}

/** What a data set in IDX files consists of. */
export interface IdxFacts {
  readonly name: string;
  readonly side: number;
  readonly classes: readonly string[];
  readonly train: IdxPart;
  readonly test: IdxPart;
}

/**
 * Fashion-MNIST (Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747). The checksums are of the contents of Debian's
 * package; with the publisher's archive header they give the MD5 sums of its read-me.
 */
export const fashionMnist: IdxFacts = {
  name: 'fashion-mnist',
  side: 28,
  classes: [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
  train: {
    count: 60_000,
    images: {
      name: 'train-images-idx3-ubyte',
      bytes: 47_040_016,
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    labels: {
      name: 'train-labels-idx1-ubyte',
      bytes: 60_008,
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
  },
  test: {
    count: 10_000,
    images: {
      name: 't10k-images-idx3-ubyte',
      bytes: 7_840_016,
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    labels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: 10_008,
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
};

/**
 * Reads one part from `<folder>/<name>/`, files plain or with `.gz`.
 * @throws NasError `NAS_DATA_MISSING`, `NAS_DATA_BROKEN`
 */
export async function loadIdx(
  folder: string,
  part: 'train' | 'test',
  facts = fashionMnist,
): Promise<Examples> {
  const { images, labels, count } = facts[part];
  const { side, classes } = facts;
  const fix = `run: npx nas data get ${facts.name}`;
  const home = join(folder, facts.name);
  const pictures = await readPlain(home, images.name, images.bytes, fix);
  const answers = await readPlain(home, labels.name, labels.bytes, fix);
  const pixels = parseIdx(pictures.bytes, pictures.path, 3, fix);
  const numbers = parseIdx(answers.bytes, answers.path, 1, fix);
  const shape = [count, side, side].join('×');
  if (pixels.dimensions.join('×') !== shape)
    throw broken(pictures.path, `${pixels.dimensions.join('×')} pixels`, shape, fix);
  if (numbers.dimensions[0] !== count)
    throw broken(answers.path, `${numbers.dimensions[0]} labels`, String(count), fix);
  const examples = sharedExamples(count, [side, side, 1]);
  examples.images.set(pixels.values);
  examples.labels.set(numbers.values);
  const wrong = examples.labels.findIndex((label) => label >= classes.length);
  if (wrong >= 0)
    throw broken(
      answers.path,
      `label ${examples.labels[wrong]} at row ${wrong}`,
      `labels below ${classes.length}`,
      fix,
    );
  return examples;
}
