import { closeSync, openSync, writeSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { startGroup, type Group } from './children.js';

/** The variables that child processes get; passed in, because only app and cli read the process's own. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface ProgramOptions {
  readonly env: Environment;
  readonly cwd?: string;
  /** File that gets both streams appended; without it nothing is kept but the returned text. */
  readonly log?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

export interface ProgramResult {
  /** Exit status; null when it could not be started or was killed. */
  readonly code: number | null;
  /** True when there is no such program. */
  readonly absent: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Text kept of each stream: enough for any message, not for a flood. */
const KEPT = 64 * 1024;

/** Time that a program has to end by itself once it was asked to, ms. */
const GRACE_MS = 1000;

/**
 * Runs a program to its end in a separate process group, which is ended as a whole on abort or timeout (compilers
 * under make included) and with this process. Failure is a value; rejects only with the signal's reason.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { env, cwd, signal, timeoutMs } = options;
  signal?.throwIfAborted();
  const group = startGroup(command, args, { env, ...(cwd === undefined ? {} : { cwd }) });
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  let force: NodeJS.Timeout | undefined;
  const stop = (): void => {
    group.ask();
    force ??= setTimeout(() => group.end(), GRACE_MS);
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(stop, timeoutMs);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const result = await resultOf(group, (chunk) => {
      if (log !== undefined) writeSync(log, chunk);
    });
    signal?.throwIfAborted();
    return result;
  } finally {
    clearTimeout(timer);
    clearTimeout(force);
    signal?.removeEventListener('abort', stop);
    if (log !== undefined) closeSync(log);
  }
}

function resultOf({ child }: Group, hear: (chunk: Buffer) => void): Promise<ProgramResult> {
  const kept = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      hear(chunk);
      kept[name] = (kept[name] + chunk.toString('utf8')).slice(-KEPT);
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      resolve({ code: null, absent: error.code === 'ENOENT', stdout: '', stderr: error.message });
    });
    child.on('close', (code) => {
      resolve({ code, absent: false, ...kept });
    });
  });
}

/** The first of these names that is an executable file on the environment's PATH. */
export async function findProgram(names: readonly string[], env: Environment): Promise<string | undefined> {
  for (const name of names) {
    const places = name.includes('/')
      ? [name]
      : (env['PATH'] ?? '').split(delimiter).map((p) => join(p, name));
    for (const place of places) {
      const found = await access(place, constants.X_OK).then(
        () => true,
        () => false,
      );
      if (found) return name;
    }
  }
  return undefined;
}
