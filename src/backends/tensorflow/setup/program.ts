import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

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

/**
 * Runs a program to its end in a process group of its own, which is ended as a whole on abort or timeout
 * (compilers under make included). Failure is a value; rejects only with the signal's reason.
 */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  options.signal?.throwIfAborted();
  const log = options.log === undefined ? undefined : openSync(options.log, 'a');
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kept = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      if (log !== undefined) writeSync(log, chunk);
      kept[name] = (kept[name] + chunk.toString('utf8')).slice(-KEPT);
    });
  }
  const end = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // Already gone.
    }
  };
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(end, options.timeoutMs);
  options.signal?.addEventListener('abort', end, { once: true });
  try {
    const result = await new Promise<ProgramResult>((resolve) => {
      child.on('error', (error: NodeJS.ErrnoException) => {
        resolve({ code: null, absent: error.code === 'ENOENT', stdout: '', stderr: error.message });
      });
      child.on('close', (code) => {
        resolve({ code, absent: false, ...kept });
      });
    });
    options.signal?.throwIfAborted();
    return result;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
    if (log !== undefined) closeSync(log);
  }
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
