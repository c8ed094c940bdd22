import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { flushFolderSync, messageOf, NasError, now } from '../../core/index.js';
import { checkStudyName } from '../model/names.js';
import type { Study, TrialReader, TrialStore } from '../store.js';
import { damaged, locked, translating } from './errors.js';
import { checkAside } from './check-aside.js';
import { requireOwnFile, STUDY_FILE } from './file.js';
import { requireWhole, type Header } from './header.js';
import { loadSqlite, type Database, type Sqlite } from './load.js';
import { takeLock, type WriterLock } from './lock.js';
import { counted, isOpened } from './opened.js';
import { readerOf } from './reader.js';
import { logIsDamaged } from './recovery/pages.js';
import { migrate, requireOurs } from './schema.js';
import { writerOf } from './writer.js';

/** What a new study is made from. */
export type NewStudy = Omit<Study, 'createdAt'>;

const LOCK_FILE = 'trials.lock';
const ANOTHER = 'another process';
/** Waited for another process's short lock, such as a backup's, before giving up. */
const BUSY_MS = 5000;

/**
 * Makes the folder and the study's database in it and opens it for writing. The database appears under its name
 * only when it is whole.
 * @throws NasError `NAS_BAD_STUDY_NAME`, `NAS_STUDY_EXISTS`, `NAS_STUDY_LOCKED`, `NAS_NOT_WRITABLE`,
 *   `NAS_SQLITE_UNAVAILABLE`
 */
export function createStudy(folder: string, study: NewStudy): TrialStore {
  const sqlite = loadSqlite();
  return inNewFolder(sqlite, folder, study.name, (path, lock) => {
    translating(path, () => writeNew(sqlite, path, { ...study, createdAt: now() }));
    return openLocked(sqlite, path, lock);
  });
}

/**
 * Makes a folder for a new study and takes its lock, which `run` keeps or lets go of. When that throws, nothing is left
 * of a folder made here; another process's files and its lock are left alone.
 * @throws NasError as {@link createStudy}, and what `run` throws
 */
export function inNewFolder<T>(
  sqlite: Sqlite,
  folder: string,
  name: string,
  run: (path: string, lock: WriterLock) => T,
): T {
  checkStudyName(name);
  const path = join(folder, STUDY_FILE);
  if (existsSync(path)) throw exists(name, path);
  const fresh = translating(folder, () => mkdirSync(folder, { recursive: true })) !== undefined;
  if (fresh) flushFolderSync(dirname(folder));
  let lock: WriterLock;
  try {
    lock = takeLock(sqlite, join(folder, LOCK_FILE), () => locked(folder, ANOTHER));
  } catch (error) {
    if (fresh) removeIfEmpty(folder);
    throw error;
  }
  try {
    if (existsSync(path)) throw exists(name, path);
    return run(path, lock);
  } catch (error) {
    if (fresh && holdsOnlyLock(folder)) rmSync(folder, { recursive: true, force: true });
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * Removes a study that no process writes, with all that its folder holds.
 * @throws NasError `NAS_STUDY_LOCKED`, `NAS_NOT_WRITABLE`
 */
export function removeStudy(folder: string): void {
  using lock = takeLock(loadSqlite(), join(folder, LOCK_FILE), () => locked(folder, ANOTHER));
  void lock;
  translating(folder, () => rmSync(folder, { recursive: true, force: true }));
}

/**
 * Opens a study for writing. What was committed outlives a kill of the process at any moment (WAL); a power cut
 * may take the last transactions with it, but whole ones only, outcome and strategy together (synchronous NORMAL).
 * @throws NasError `NAS_STUDY_MISSING`, `NAS_STUDY_LOCKED`, `NAS_STUDY_DAMAGED`, `NAS_STUDY_NEWER`,
 *   `NAS_NOT_WRITABLE`, `NAS_SQLITE_UNAVAILABLE`
 */
export function openStudy(folder: string): TrialStore {
  const { sqlite, path, lock } = lockedStudy(folder);
  try {
    translating(path, () => requireSound(path));
    return openLocked(sqlite, path, lock);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

/**
 * As {@link openStudy}; the whole database is checked in a thread meanwhile, for a large one takes that some 100 ms.
 * @throws NasError as {@link openStudy}; `NAS_NOT_BUILT`
 */
export async function openStudyAside(folder: string): Promise<TrialStore> {
  const { sqlite, path, lock } = lockedStudy(folder);
  try {
    await checkAside(path);
    return openLocked(sqlite, path, lock);
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function lockedStudy(folder: string): {
  readonly sqlite: Sqlite;
  readonly path: string;
  readonly lock: WriterLock;
} {
  const path = requireFile(folder);
  requireWhole(path);
  const sqlite = loadSqlite();
  const lock = takeLock(sqlite, join(folder, LOCK_FILE), () => locked(folder, holderOf(sqlite, path)));
  return { sqlite, path, lock };
}

/**
 * Opens a study for reading, also while it is written and in a folder that may not be written; makes no file and
 * changes none.
 * @throws NasError `NAS_STUDY_MISSING`, `NAS_STUDY_DAMAGED`, `NAS_STUDY_NEWER`, `NAS_SQLITE_UNAVAILABLE`
 */
export function readStudy(folder: string): TrialReader {
  const path = requireFile(folder);
  const header = requireWhole(path);
  const sqlite = loadSqlite();
  return translating(path, () => {
    const database = openReading(sqlite, path, header);
    try {
      requireOurs(database, path);
      return readerOf(database, path);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Writes a study's database, which appears under its name only when it is whole.
 * @param fill writes more into it before that
 */
export function writeNew(
  sqlite: Sqlite,
  path: string,
  study: Study,
  fill: (database: Database) => void = () => undefined,
): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  try {
    // Before SQLite opens it; what lies next to it later (log, index) gets the same rights.
    writeFileSync(draft, '', { mode: 0o600, flag: 'wx' });
    const database = sqlite(draft);
    try {
      migrate(database, draft);
      database
        .prepare('INSERT INTO study VALUES (1, ?, ?, ?, ?, ?, ?)')
        .run(
          study.name,
          JSON.stringify(study.spec),
          study.spaceDigest,
          study.seed,
          study.createdAt,
          JSON.stringify(study.environment),
        );
      fill(database);
    } finally {
      database.close();
    }
    renameSync(draft, path);
    flushFolderSync(dirname(path));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function openLocked(sqlite: Sqlite, path: string, lock: WriterLock): TrialStore {
  return translating(path, () => {
    const database = counted(sqlite(path, { fileMustExist: true, timeout: BUSY_MS }), path);
    try {
      database.pragma('journal_mode = WAL');
      database.pragma('synchronous = NORMAL');
      database.pragma('foreign_keys = ON');
      migrate(database, path);
      database.prepare('INSERT OR REPLACE INTO writer VALUES (1, ?, ?)').run(process.pid, now());
      let open = true;
      return writerOf(database, path, () => {
        if (!open) return;
        open = false;
        closeWriting(database);
        lock[Symbol.dispose]();
      });
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Checks all of it before it is opened for writing, which would already carry the log over into the file.
 * @throws NasError `NAS_STUDY_DAMAGED`, `NAS_STUDY_NEWER`; what SQLite throws
 */
export function requireSound(path: string): void {
  const sqlite = loadSqlite();
  if (logIsDamaged(path)) throw damaged(path, 'has a write-ahead log (trials.sqlite-wal) that is damaged');
  const database = openReading(sqlite, path, requireWhole(path));
  try {
    requireOurs(database, path);
    const check: unknown = database.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok') throw damaged(path, `is damaged (${messageOf(check)})`);
    readerOf(database, path);
  } finally {
    database.close();
  }
}

/** Leaves one plain file behind, which can be copied and read from anywhere; with a reader about, WAL stays on. */
function closeWriting(database: Database): void {
  try {
    database.pragma('busy_timeout = 0');
    database.prepare('DELETE FROM writer').run();
    database.pragma('journal_mode = DELETE');
  } catch {
    // Nothing is lost: the next writer or reader takes the WAL unchanged.
  } finally {
    database.close();
  }
}

/**
 * A database left in WAL mode without its `-wal` file (copied alone, say) is whole, but SQLite would make files to
 * read it; so it is read from memory, with the file format's bytes 18 and 19 saying that it is a plain one.
 */
function openReading(sqlite: Sqlite, path: string, header: Header): Database {
  const options = { readonly: true, fileMustExist: true, timeout: BUSY_MS };
  if (!header.wal || existsSync(`${path}-wal`) || isOpened(path)) return counted(sqlite(path, options), path);
  const bytes = readFileSync(path);
  bytes.fill(1, 18, 20);
  return sqlite(bytes, { readonly: true });
}

function holderOf(sqlite: Sqlite, path: string): string {
  try {
    const database = sqlite(path, { readonly: true, fileMustExist: true });
    try {
      const row = database.prepare<[], { pid: number }>('SELECT pid FROM writer').get();
      return row === undefined ? ANOTHER : `process ${row.pid}`;
    } finally {
      database.close();
    }
  } catch {
    return ANOTHER;
  }
}

export function requireFile(folder: string): string {
  const path = join(folder, STUDY_FILE);
  if (existsSync(path)) {
    // What SQLite opens with it as well.
    for (const suffix of ['', '-wal', '-shm', '-journal']) requireOwnFile(path + suffix);
    return path;
  }
  throw new NasError({
    code: 'NAS_STUDY_MISSING',
    found: `no study in ${folder}`,
    expected: `a file ${STUDY_FILE} there`,
    fix: 'nas studies lists them; nas search --study NAME makes one',
  });
}

export function exists(name: string, path: string): NasError {
  return new NasError({
    code: 'NAS_STUDY_EXISTS',
    found: `study ${name} exists already (${path})`,
    fix: `resume it with --study ${name} --resume, or choose another name with --study`,
  });
}

/** Whether nothing but the lock, which the caller holds, and a half-written database lies in a folder. */
function holdsOnlyLock(folder: string): boolean {
  try {
    return readdirSync(folder).every((name) => name === LOCK_FILE || name.startsWith(`${STUDY_FILE}.new`));
  } catch {
    return false;
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Another process made something in it, so it is not ours.
  }
}
