import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writePictures } from '../app/pictures.js';
import { isSetUp, REASON } from '../backends/tensorflow.js';
import { emptyFolder } from '../cli/nas.js';
import { repetitions } from '../durability.js';
import { nothingLost } from './nothing-lost.js';
import { storm } from './storm.js';

const KILLS = { controller: repetitions(2), host: repetitions(2), both: repetitions(1) };
const TRIALS = 6;
const SIDE = 16;

it(
  'kill -9 while TensorFlow trains: no finished trial is missing, doubled or trained again',
  { timeout: 900_000 },
  async (context) => {
    if (!isSetUp) return context.skip(REASON);
    using folder = emptyFolder();
    const pictures = join(folder.path, 'pictures');
    await writePictures(pictures, SIDE, 40);
    const hits = await storm('training', KILLS, nothingLost(TRIALS), {
      backend: 'tensorflow',
      data: { name: `images:${pictures}`, folder: folder.path, heldOut: 0.2, size: SIDE, limit: null },
      task: { input: [SIDE, SIDE, 3], classes: 2 },
      targetMs: 1000,
      trials: TRIALS,
      mode: 'async',
      batch: 8,
      epochs: 1,
    });
    expect(hits).toEqual(KILLS);
  },
);
