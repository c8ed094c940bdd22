import type { DataSet } from '../dataset.js';

/** What of the training pixels says that there is nothing to learn from; empty for an ordinary data set. */
export function pixelWarnings({ training, split }: Pick<DataSet, 'training' | 'split'>): readonly string[] {
  const [height, width, channels] = training.shape;
  const size = height * width * channels;
  const [first] = split.train;
  if (first === undefined || split.train.length < 2) return [];
  const model = training.images.subarray(first * size, (first + 1) * size);
  const sameAsFirst = (row: number): boolean => {
    for (let at = 0; at < size; at++) if (training.images[row * size + at] !== model[at]) return false;
    return true;
  };
  if (split.train.every(sameAsFirst))
    return ['all training pictures are equal: there is nothing to learn from'];
  const constant = Array.from({ length: channels }, (_, channel) => channel).filter((channel) =>
    split.train.every((row) => {
      for (let at = row * size + channel; at < (row + 1) * size; at += channels)
        if (training.images[at] !== model[channel]) return false;
      return true;
    }),
  );
  if (constant.length === 0) return [];
  const names = channels === 3 ? constant.map((channel) => ['red', 'green', 'blue'][channel]) : constant;
  return [
    `the ${names.join(' and ')} channel has the same value in every pixel of every training picture: check how the pictures were written`,
  ];
}
