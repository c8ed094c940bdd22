import { expect, it } from 'vitest';
import { repetitions } from '../durability.js';
import { rowForRow, storm } from './storm.js';
import { TRIALS, undisturbed } from './studies.js';

/** Half of 40, 40 and 10; test/loss/batch-1.durability.test.ts has the other half, so that the two run concurrently. */
const KILLS = { controller: repetitions(20), host: repetitions(20), both: repetitions(5) };

it(
  'kill -9 of controller, host and both: the table is row for row that of a run that was not killed',
  {
    timeout: 900_000,
  },
  async () => {
    const straight = await undisturbed();
    expect(straight).toHaveLength(TRIALS + 1);
    expect(await storm('batch 2', KILLS, rowForRow(straight))).toEqual(KILLS);
  },
);
