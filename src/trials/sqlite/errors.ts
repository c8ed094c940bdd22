import { accessSync, constants, readFileSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { diskError, diskFull, fileTooLarge, isNasError, messageOf, NasError } from '../../core/index.js';

export function damaged(path: string, what: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_STUDY_DAMAGED',
    found: `${path} ${what}`,
    expected: 'the trials.sqlite of a study',
    fix: 'nas repair STUDY saves what can be read, next to it; or put a copy of the file back',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function notWritable(path: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_NOT_WRITABLE',
    found: `${path} cannot be written`,
    fix: `give yourself the right to write there, or choose another folder`,
    fault: 'permanent',
    ...(cause === undefined ? {} : { cause }),
  });
}

function notReadable(path: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_NOT_READABLE',
    found: `${path} cannot be read`,
    expected: 'a study of your own, or one that its owner lets you read',
    fix: `ask its owner for: chmod a+r ${path}`,
    fault: 'permanent',
    cause,
  });
}

/** Whether the file is there but may not be read. */
function isUnreadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return false;
  } catch (error) {
    return /^(EACCES|EPERM)$/.test((error as NodeJS.ErrnoException).code ?? '');
  }
}

export function locked(path: string, holder: string): NasError {
  return new NasError({
    code: 'NAS_STUDY_LOCKED',
    found: `${path} is being written by ${holder}`,
    expected: 'one writer at a time',
    fix: 'wait for it or stop it; reading (nas trials, nas show, nas frontier) works meanwhile',
  });
}

/** What SQLite says of a file whose catalogue of tables is damaged. */
const BROKEN = /unsupported file format|no such (table|column|index)|malformed|incomplete input/;

/** The user-facing error for a failure of SQLite or of the file system; other errors are bugs and pass. */
export function translate(path: string, error: unknown): unknown {
  if (isNasError(error) || !(error instanceof Error)) return error;
  if (error instanceof SyntaxError) return damaged(path, 'holds a text that makes no sense', error);
  const code = (error as Error & { code?: unknown }).code;
  if (typeof code !== 'string') return error;
  if (/^SQLITE_(NOTADB|CORRUPT|FORMAT)/.test(code) || (code === 'SQLITE_ERROR' && BROKEN.test(error.message)))
    return damaged(path, `is damaged (${messageOf(error)})`, error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return locked(path, 'another process');
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return diskFull(path, error);
  if (/^EFBIG/.test(code)) return fileTooLarge(`${path} or a file next to it`, error);
  if (/^(SQLITE_CANTOPEN|EACCES|EPERM)/.test(code) && isUnreadable(path)) return notReadable(path, error);
  if (/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST)/.test(code))
    return notWritable(path, error);
  if (/^(SQLITE_IOERR|EIO)/.test(code)) return inputOrOutput(path, code, error);
  return error;
}

/** Runs it; errors of SQLite and of the file system leave as {@link translate} makes them. */
export function translating<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw translate(path, error);
  }
}

/** SQLite keeps the system's reason to itself; it is looked for where it can still be seen. */
function inputOrOutput(path: string, code: string, cause: unknown): NasError {
  const reads = /_(READ|SHORT_READ)/.test(code);
  if (!reads && isFull(path)) return diskFull(path, cause);
  if (!reads && atSizeLimit(path)) return fileTooLarge(`${path} or a file next to it`, cause);
  return diskError(`${path} cannot be ${reads ? 'read' : 'written'}`, code, cause);
}

/** Less room left than a page and its frame take. */
function isFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < 2 ** 17;
  } catch {
    return false;
  }
}

/** Whether the database or a file next to it is as large as a file of this process, or on most small file systems, may be. */
function atSizeLimit(path: string): boolean {
  const most = Math.min(sizeLimit(), 2 ** 32 - 1);
  return ['', '-wal', '-shm', '-journal', '.new', '.new-journal'].some((suffix) => {
    const size = statSync(path + suffix, { throwIfNoEntry: false })?.size ?? 0;
    return size > 0 && size + 2 ** 17 > most && size <= most;
  });
}

/** Bytes; infinite where there is no limit or none can be seen. */
function sizeLimit(): number {
  try {
    const soft = /^Max file size\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
