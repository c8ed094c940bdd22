import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf, NasError } from '../../core/index.js';
import { lockFile } from '../../trials/index.js';

/**
 * The right to write a look-up table: two builds of one table would time each other and overwrite what the other timed.
 * @throws NasError `NAS_TABLE_LOCKED`, `NAS_NOT_WRITABLE`
 */
export function lockTable(file: string): Disposable {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NOT_WRITABLE',
      found: `cannot write ${file}: ${messageOf(cause)}`,
      fix: 'give yourself the right to write there, or choose another place with --out or NAS_LATENCY',
      cause,
    });
  }
  return lockFile(
    `${file}.lock`,
    () =>
      new NasError({
        code: 'NAS_TABLE_LOCKED',
        found: `another process is writing ${file}`,
        expected: 'one writer at a time',
        fix: 'wait for it or stop it, or write another table with --out',
      }),
  );
}
