import type { Examples } from '../backends/index.js';
import type { DataSpec } from './spec.js';

/** Rows of the training examples, ascending; together they are all of them, and no row is in both. */
export interface Split {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/**
 * A loaded data set without its test set, which `loadTest` reads on demand. Plain data over shared memory:
 * posting it to a worker thread copies no picture, and the thread reads the same bytes.
 */
export interface DataSet {
  readonly spec: DataSpec;
  readonly name: string;
  /** Height, width, channels of one picture. */
  readonly shape: readonly [number, number, number];
  /** Class names in the order of the labels. */
  readonly classes: readonly string[];
  /** The whole training set. */
  readonly training: Examples;
  readonly split: Split;
  /** Per channel, of the training part's pixels divided by 255. */
  readonly mean: readonly number[];
  /** Per channel, likewise; at least 1/255. */
  readonly deviation: readonly number[];
  /** Whether a mirrored picture keeps its class, so that training may flip. */
  readonly flip: boolean;
}

/** Empty examples over shared memory, to be filled by a reader. */
export function sharedExamples(count: number, shape: readonly [number, number, number]): Examples {
  const [height, width, channels] = shape;
  return {
    count,
    shape: [height, width, channels],
    images: new Uint8Array(new SharedArrayBuffer(count * height * width * channels)),
    labels: new Uint16Array(new SharedArrayBuffer(count * Uint16Array.BYTES_PER_ELEMENT)),
  };
}

/** A copy of some rows, in the given order, over shared memory. Throws for a row that is not there (a bug). */
export function takeRows(examples: Examples, rows: Int32Array): Examples {
  const taken = sharedExamples(rows.length, examples.shape);
  const size = examples.shape[0] * examples.shape[1] * examples.shape[2];
  rows.forEach((row, at) => {
    const label = examples.labels[row];
    if (label === undefined) throw new RangeError(`row ${row} of ${examples.count} examples`);
    taken.images.set(examples.images.subarray(row * size, (row + 1) * size), at * size);
    taken.labels[at] = label;
  });
  return taken;
}

/** The same numbers over shared memory. */
export function sharedRows(rows: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(rows.byteLength));
  shared.set(rows);
  return shared;
}
