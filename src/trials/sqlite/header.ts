import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { damaged, translating } from './errors.js';
import { isOpened } from './opened.js';

/** What is read of a database's header before SQLite opens it (bytes 16, 18, 28 of sqlite.org/fileformat2.html). */
export interface Header {
  readonly wal: boolean;
}

interface Found {
  readonly isDatabase: boolean;
  readonly wal: boolean;
  readonly size: number;
  /** Bytes that the header speaks of. */
  readonly expected: number;
}

/**
 * A database file of SQLite that is as long as its header says. One that this process has open was checked before,
 * and may not be opened by other means than SQLite.
 * @throws NasError `NAS_STUDY_DAMAGED`
 */
export function requireWhole(path: string): Header {
  if (isOpened(path)) return { wal: true };
  const { isDatabase, wal, size, expected } = translating(path, () => look(path));
  if (!isDatabase) throw damaged(path, 'is not a database');
  const pending = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  if (size < expected && !pending) throw damaged(path, `is cut short: ${size} of ${expected} bytes`);
  return { wal };
}

/** Whether a whole database lies there that no process has open: a copy. */
export function isWholeDatabase(path: string): boolean {
  if (!existsSync(path)) return false;
  const { isDatabase, size, expected } = look(path);
  return isDatabase && expected > 0 && size >= expected;
}

function look(path: string): Found {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, 100, 0);
    const page = header.readUInt16BE(16) === 1 ? 65536 : header.readUInt16BE(16);
    return {
      isDatabase: header.toString('latin1', 0, 16) === 'SQLite format 3\0',
      wal: header[18] === 2,
      size: fstatSync(file).size,
      expected: page * header.readUInt32BE(28),
    };
  } finally {
    closeSync(file);
  }
}
