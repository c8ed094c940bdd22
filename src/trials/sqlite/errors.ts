import { isNasError, messageOf, NasError } from '../../core/index.js';

export function damaged(path: string, what: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_STUDY_DAMAGED',
    found: `${path} ${what}`,
    expected: 'the trials.sqlite of a study',
    fix: 'put a copy of the file back, or start under another study name',
    ...(cause === undefined ? {} : { cause }),
  });
}

export function notWritable(path: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_NOT_WRITABLE',
    found: `${path} cannot be written`,
    fix: `give yourself the right to write there, or choose another folder`,
    ...(cause === undefined ? {} : { cause }),
  });
}

export function locked(path: string, holder: string): NasError {
  return new NasError({
    code: 'NAS_STUDY_LOCKED',
    found: `${path} is being written by ${holder}`,
    expected: 'one writer at a time',
    fix: 'wait for it or stop it; reading (nas trials, nas show, nas frontier) goes on meanwhile',
  });
}

/** What a person is told for an error of SQLite or of the file system; other errors are bugs and pass. */
export function translate(path: string, error: unknown): unknown {
  if (isNasError(error) || !(error instanceof Error)) return error;
  const code = (error as Error & { code?: unknown }).code;
  if (typeof code !== 'string') return error;
  if (/^SQLITE_(NOTADB|CORRUPT)/.test(code)) return damaged(path, `is damaged (${messageOf(error)})`, error);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return locked(path, 'another process');
  if (/^(SQLITE_FULL|ENOSPC|EDQUOT)/.test(code)) return diskFull(path, error);
  if (/^(SQLITE_(READONLY|CANTOPEN|PERM|AUTH)|EACCES|EPERM|EROFS|ENOTDIR|EEXIST)/.test(code))
    return notWritable(path, error);
  if (/^SQLITE_IOERR/.test(code)) return damaged(path, `cannot be read or written (${code})`, error);
  return error;
}

/** Runs it; errors of SQLite and of the file system leave as {@link translate} tells them. */
export function told<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw translate(path, error);
  }
}

function diskFull(path: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_DISK_FULL',
    found: `no space left to write ${path}`,
    fix: 'free some space, then go on with --resume',
    cause,
  });
}
