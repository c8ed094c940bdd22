import { expect } from 'vitest';
import { finishedIn, rowsIn, trainedAgain, type Finished } from './killing.js';
import type { Law } from './storm.js';

/** Where the table depends on timing: what was finished stays as it was, to the file of its weights, and at the end all is there once. */
export function nothingLost(trials: number): Law {
  let known: Finished = new Map();
  const compare = (cwd: string): number => {
    const now = finishedIn(cwd);
    for (const [trial, row] of known) expect(now.get(trial)).toBe(row);
    const compared = known.size;
    known = now;
    return compared;
  };
  return {
    begin: () => (known = new Map()),
    killed: compare,
    ended(cwd) {
      const compared = compare(cwd);
      const rows = rowsIn(cwd);
      expect(rows.map((row) => [row.trial, row.state])).toEqual(
        Array.from({ length: trials }, (_, index) => [index + 1, 'done']),
      );
      expect(new Set(rows.map((row) => row.text)).size).toBe(trials);
      expect(trainedAgain(cwd)).toEqual([]);
      return compared;
    },
  };
}
