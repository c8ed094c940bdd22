import { isNasError, messageOf, NasError } from './errors.js';

export function diskFull(path: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_DISK_FULL',
    found: `no space left to write ${path}`,
    fix: 'free some space, then resume with --resume',
    fault: 'transient',
    cause,
  });
}

/** @param what the file, as the subject of a sentence */
export function fileTooLarge(what: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_FILE_TOO_LARGE',
    found: `${what} has reached the largest size that is allowed`,
    expected: 'no such limit (ulimit -f), and a file system that takes large files',
    fix: 'lift the limit (ulimit -f unlimited) or move the study, then resume with --resume',
    fault: 'transient',
    cause,
  });
}

/** @param what what cannot be done with which file, as a clause @param code the system's */
export function diskError(what: string, code: string, cause?: unknown): NasError {
  return new NasError({
    code: 'NAS_DISK_ERROR',
    found: `${what}: the system reports an error of the disk (${code})`,
    fix: 'check the disk and its cables (dmesg), copy the study elsewhere, then resume there with --resume',
    fault: 'transient',
    cause,
  });
}

function systemLimit(what: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_SYSTEM_LIMIT',
    found: `the system refuses ${what} (${messageOf(cause)})`,
    fix: 'stop what uses it up, or lift the limit (ulimit -a shows it), then resume with --resume',
    fault: 'transient',
    cause,
  });
}

/** What the system's codes for an exhausted or faulty machine mean; no job is to blame for any of them. */
const BY_CODE: Readonly<Record<string, (path: string, error: NodeJS.ErrnoException) => NasError>> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EFBIG: fileTooLarge,
  EIO: (path, error) => diskError(`${path} cannot be used`, 'EIO', error),
  ESTALE: (path, error) => diskError(`${path} cannot be used`, 'ESTALE', error),
  EROFS: (path, error) => diskError(`${path} cannot be written`, 'EROFS', error),
  EMFILE: (_, error) => systemLimit('one more open file', error),
  ENFILE: (_, error) => systemLimit('one more open file', error),
  ENOMEM: (_, error) => systemLimit('memory', error),
  EAGAIN: (_, error) => systemLimit('one more process', error),
};

/** The same in the words of the C library, for native code that gives no more than a text. */
const BY_TEXT: readonly (readonly [RegExp, string])[] = [
  [/no space left on device/i, 'ENOSPC'],
  [/disk quota exceeded/i, 'EDQUOT'],
  [/input\/output error/i, 'EIO'],
  [/too many open files/i, 'EMFILE'],
];

/**
 * The fault of the surroundings that an error, or one that caused it, stands for; undefined where it may be the job's.
 * A NasError that carries a `fault` is returned unchanged, unless something transient caused it.
 */
export function faultOf(error: unknown): NasError | undefined {
  let own: NasError | undefined;
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    if (isNasError(at) && at.fault !== undefined) {
      if (at.fault === 'transient') return own === undefined ? at : withFault(own);
      own ??= at;
    }
    const { code, path, syscall } = at as NodeJS.ErrnoException;
    const known = typeof code === 'string' && Object.hasOwn(BY_CODE, code) ? code : codeInText(at);
    // EAGAIN of a read or write is no lack of anything.
    if (known === undefined || (known === 'EAGAIN' && syscall?.startsWith('spawn') !== true)) continue;
    return own === undefined ? BY_CODE[known]?.(path ?? 'a file', at) : withFault(own);
  }
  return own;
}

/**
 * Writes what is kept in addition to trials. What cannot be written now – the disk is full, say – is left to the next
 * note: the trials themselves are waited for and report the fault.
 */
export function noteIfWritable(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (faultOf(error)?.fault !== 'transient') throw error;
  }
}

/** The same error, to be waited for. */
function withFault(error: NasError): NasError {
  const { code, found, expected, fix, cause } = error;
  return new NasError({
    ...{ code, found, cause, fault: 'transient' },
    ...(expected === undefined ? {} : { expected }),
    ...(fix === undefined ? {} : { fix }),
  });
}

function codeInText({ message }: Error): string | undefined {
  return BY_TEXT.find(([words]) => words.test(message))?.[1];
}
