import { rmSync, statSync } from 'node:fs';
import type { NasError } from '../../core/index.js';
import { translating } from './errors.js';
import { requireOwnFile } from './file.js';
import { loadSqlite, type Database, type Sqlite } from './load.js';

/**
 * The right to write one study, held as the operating system's own lock on `trials.lock`, an empty file that is
 * never read. Such a lock ends with its process however that ends, so there is nothing stale to recognise, and a
 * process number used again by another program, or by another container, cannot deceive it. The file may be removed by
 * the holder of its lock only.
 */
export interface WriterLock extends Disposable {
  readonly path: string;
}

/** How often a file that is removed at this very moment is made again. */
const TRIES = 20;

/** Of two that ask at the same moment SQLite refuses both, unless one may wait for the other to step back. */
const PATIENCE_MS = 200;

/**
 * @param refused the error for a lock that another process holds; asked for only then
 * @throws NasError `NAS_NOT_WRITABLE`, `NAS_NOT_A_FILE`, `NAS_STUDY_LINK`, and what `refused` gives
 */
export function takeLock(sqlite: Sqlite, path: string, refused: () => NasError): WriterLock {
  return translating(path, () => {
    requireOwnFile(path);
    for (let tried = 0; tried < TRIES; tried++) {
      const before = inodeOf(path);
      const database = exclusive(sqlite, path);
      if (database === undefined) throw refused();
      // A file that its holder removed since it was opened is locked by us, but is no longer the one others will lock.
      if (before !== undefined && before === inodeOf(path))
        return { path, [Symbol.dispose]: () => void database.close() };
      database.close();
    }
    throw refused();
  });
}

/**
 * Locks something else that has one writer by a file next to it, `path`, which is removed when the lock is let go of.
 * @throws NasError as {@link takeLock}, `NAS_SQLITE_UNAVAILABLE`
 */
export function lockFile(path: string, refused: () => NasError): Disposable {
  const lock = takeLock(loadSqlite(), path, refused);
  return {
    [Symbol.dispose]() {
      rmSync(path, { force: true });
      lock[Symbol.dispose]();
    },
  };
}

/** Undefined where another connection has the lock. */
function exclusive(sqlite: Sqlite, path: string): Database | undefined {
  const database = sqlite(path, { timeout: PATIENCE_MS });
  try {
    database.pragma('journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if ((error as { code?: unknown }).code === 'SQLITE_BUSY') return undefined;
    throw error;
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
