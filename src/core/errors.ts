/** What an error for a person consists of; `code` is stable and listed in docs/errors.md. */
export interface NasErrorParts {
  /** Stable, upper case, starts with `NAS_`. */
  readonly code: string;
  /** What was met, in one line. */
  readonly found: string;
  /** What would have been right. */
  readonly expected?: string;
  /** What the user can do about it: a command or a change. */
  readonly fix?: string;
  readonly cause?: unknown;
  /** Whose fault it is, where that is not the job's that met it; see {@link Fault}. */
  readonly fault?: Fault | undefined;
}

/**
 * A fault of the surroundings: a full disk, an agent that is away. `transient`: may pass by itself, so that it is worth
 * waiting. `permanent`: the user has to do something. `unclear`: perhaps the job's own, which is tried once more.
 */
export type Fault = 'transient' | 'permanent' | 'unclear';

/** An error of the user or the environment, reported in one line with its fix. Bugs are other errors. */
export class NasError extends Error {
  readonly code: string;
  readonly found: string;
  readonly expected: string | undefined;
  readonly fix: string | undefined;
  readonly fault: Fault | undefined;

  constructor(parts: NasErrorParts) {
    const { found, expected, fix } = parts;
    const text = [found, expected === undefined ? '' : `expected ${expected}`].filter(Boolean).join('; ');
    super(
      fix === undefined ? text : `${text}. fix: ${fix}`,
      parts.cause === undefined ? {} : { cause: parts.cause },
    );
    this.name = 'NasError';
    this.code = parts.code;
    this.found = found;
    this.expected = expected;
    this.fix = fix;
    this.fault = parts.fault;
  }
}

/** True for a {@link NasError}, also one made by another copy of this module (a worker thread's, say). */
export function isNasError(error: unknown): error is NasError {
  return (
    error instanceof Error &&
    typeof (error as Partial<NasError>).code === 'string' &&
    error.name === 'NasError'
  );
}

/** One line that says what went wrong, for any thrown value. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}
