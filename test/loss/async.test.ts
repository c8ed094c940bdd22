import { expect, it } from 'vitest';
import { finishedIn, rowsIn, trainedAgain, type Finished } from './killing.js';
import { storm, type Law } from './storm.js';
import { TRIALS } from './studies.js';

const KILLS = { controller: 8, host: 8, both: 4 };

/** In asynchronous mode: what was finished stays as it was, to the file of its weights, and at the end all is there once. */
function nothingLost(): Law {
  let known: Finished = new Map();
  const compare = (cwd: string): void => {
    const now = finishedIn(cwd);
    for (const [trial, row] of known) expect(now.get(trial)).toBe(row);
    known = now;
  };
  return {
    begin: () => (known = new Map()),
    killed: compare,
    ended(cwd) {
      compare(cwd);
      const rows = rowsIn(cwd);
      expect(rows.map((row) => [row.trial, row.state])).toEqual(
        Array.from({ length: TRIALS }, (_, index) => [index + 1, 'done']),
      );
      expect(new Set(rows.map((row) => row.text)).size).toBe(TRIALS);
      expect(trainedAgain(cwd)).toEqual([]);
    },
  };
}

it(
  'kill -9 in asynchronous mode: no finished trial is missing, doubled or trained again',
  { timeout: 900_000 },
  async () => {
    expect(await storm('async', KILLS, nothingLost(), { mode: 'async' })).toEqual(KILLS);
  },
);
