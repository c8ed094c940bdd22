import { expect, it } from 'vitest';
import { repetitions } from '../durability.js';
import { nothingLost } from './nothing-lost.js';
import { storm } from './storm.js';
import { TRIALS } from './studies.js';

const KILLS = { controller: repetitions(8), host: repetitions(8), both: repetitions(4) };

it(
  'kill -9 in asynchronous mode: no finished trial is missing, doubled or trained again',
  { timeout: 900_000 },
  async () => {
    expect(await storm('async', KILLS, nothingLost(TRIALS), { mode: 'async' })).toEqual(KILLS);
  },
);
