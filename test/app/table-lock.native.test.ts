import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lockTable } from '../../src/app/latency/table-lock.js';
import { temporaryFolder } from './samples.js';

it('a look-up table has one writer at a time; its lock leaves nothing behind', () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'device', 'table-1.json');
  {
    using first = lockTable(file);
    expect(first).toBeDefined();
    expect(() => lockTable(file)).toThrow(
      expect.objectContaining({ code: 'NAS_TABLE_LOCKED', found: expect.stringContaining(file) as string }),
    );
    // The one that was refused took nothing away from the one that holds it.
    expect(existsSync(`${file}.lock`)).toBe(true);
    expect(() => lockTable(file)).toThrow(expect.objectContaining({ code: 'NAS_TABLE_LOCKED' }));
  }
  expect(existsSync(`${file}.lock`)).toBe(false);
  lockTable(file)[Symbol.dispose]();
});
