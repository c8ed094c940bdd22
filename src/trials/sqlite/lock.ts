import { locked, told } from './errors.js';
import type { Database, Sqlite } from './load.js';

/**
 * The right to write one study, held as the operating system's own lock on `trials.lock`, an empty file that is
 * never read. Such a lock ends with its process however that ends, so there is nothing stale to recognise, and a
 * process number used again by another program, or by another container, cannot deceive it.
 */
export interface WriterLock extends Disposable {
  readonly path: string;
}

/**
 * @param holder who holds it, for the message; asked only when it is held
 * @throws NasError `NAS_STUDY_LOCKED`, `NAS_NOT_WRITABLE`
 */
export function takeLock(sqlite: Sqlite, path: string, shown: string, holder: () => string): WriterLock {
  return told(path, () => {
    const database: Database = sqlite(path, { timeout: 0 });
    try {
      database.pragma('journal_mode = MEMORY');
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      database.close();
      if ((error as { code?: unknown }).code === 'SQLITE_BUSY') throw locked(shown, holder());
      throw error;
    }
    return { path, [Symbol.dispose]: () => void database.close() };
  });
}
