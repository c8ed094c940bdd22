import type { Examples } from '../../src/backends/index.js';
import { createRng } from '../../src/core/index.js';
import { sharedExamples, type DataSet } from '../../src/data/index.js';

/** Two classes, dark and bright pictures of 2×2 pixels; the two last of each class are held out. */
export function fakeData(perClass: number): DataSet {
  const training = fakeExamples(perClass, 'training');
  const rows = Array.from({ length: training.count }, (_, row) => row);
  const heldOut = (row: number): boolean => row >= 2 * perClass - 4;
  return {
    spec: { name: 'images:fake', folder: '', heldOut: 0.1, seed: '1', size: null, limit: null },
    name: 'images:fake',
    shape: [2, 2, 1],
    classes: ['dark', 'bright'],
    training,
    split: {
      train: Int32Array.from(rows.filter((row) => !heldOut(row))),
      validation: Int32Array.from(rows.filter(heldOut)),
    },
    mean: [0.5],
    deviation: [0.25],
    flip: true,
  };
}

export function fakeExamples(perClass: number, seed: string): Examples {
  const rng = createRng(seed);
  const examples = sharedExamples(2 * perClass, [2, 2, 1]);
  for (let row = 0; row < examples.count; row++) {
    examples.labels[row] = row % 2;
    for (let at = 0; at < 4; at++) examples.images[4 * row + at] = 40 + 140 * (row % 2) + rng.integer(40);
  }
  return examples;
}
