import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { DataSet } from '../../src/data/index.js';
import { loadIdx } from '../../src/data/sets/fashion-mnist.js';
import { moments } from '../../src/data/moments.js';
import { put, scratch, tinyIdx } from './fixtures.js';

describe('a data set in a worker thread', () => {
  it('arrives whole by postMessage and shares its bytes', async () => {
    const { facts, files } = tinyIdx();
    const folder = await scratch();
    await put(join(folder, facts.name), files);
    const training = await loadIdx(folder, 'train', facts);
    const split = { train: Int32Array.from([0, 1, 2]), validation: Int32Array.from([3]) };
    const data: DataSet = {
      spec: { name: 'fashion-mnist', folder, heldOut: 0.1, seed: '1', size: null, limit: null },
      name: 'fashion-mnist',
      shape: training.shape,
      classes: facts.classes,
      training,
      split,
      ...moments(training, split.train),
      flip: true,
    };
    const worker = new Worker(
      `const { parentPort } = require('node:worker_threads');
       parentPort.once('message', (data) => {
         data.training.images[0] = 99;
         parentPort.postMessage({ classes: data.classes, label: data.training.labels[1], mean: data.mean });
       });`,
      { eval: true },
    );
    const answer = await new Promise((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
      worker.postMessage(data);
    });
    await worker.terminate();
    expect(answer).toEqual({ classes: ['a', 'b', 'c'], label: 1, mean: data.mean });
    expect(training.images[0]).toBe(99);
  });
});

describe('moments', () => {
  it('are those of the given rows, per channel, of pixels divided by 255', () => {
    const images = Uint8Array.from([0, 255, 255, 255, 9, 9, 9, 9]);
    const examples = { count: 2, shape: [1, 2, 2] as const, images, labels: new Uint16Array(2) };
    const { mean, deviation } = moments(examples, Int32Array.from([0]));
    expect(mean).toEqual([0.5, 1]);
    expect(deviation[0]).toBeCloseTo(0.5, 12);
    expect(deviation[1]).toBe(1 / 255);
  });
});
