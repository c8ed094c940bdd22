import { spawn, type ChildProcess, type ChildProcessByStdio, type SpawnOptions } from 'node:child_process';
import type { Readable } from 'node:stream';
import { threadId } from 'node:worker_threads';
import { processMark } from '../core/index.js';
import { expect, MARK, watch } from './watcher.js';

/** Has a process of ours killed when this one is gone, however it ended. What that one started is its own matter. */
export function endWithUs(child: ChildProcess): void {
  if (child.pid === undefined) return;
  child.once('exit', watch(child.pid));
}

export interface GroupOptions extends Pick<SpawnOptions, 'cwd'> {
  /** All of the environment that it gets; {@link MARK} is added. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A program and all that it started and that has not gone into a separate session. */
export interface Group {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Kills what of it still runs. To be called in the end; `close` of the child does it by itself. */
  end(): void;
  /** Asks all of it to end (SIGTERM). */
  ask(): void;
}

let count = 0;

/**
 * Starts a program in a separate process group that ends with this thread, however that ends. No input; both outputs are
 * pipes.
 * @throws what `spawn` throws for arguments that no program can get
 */
export function startGroup(program: string, args: readonly string[], options: GroupOptions): Group {
  const mark = `${processMark()}-${threadId}-${++count}.`;
  expect(mark);
  let child: Group['child'];
  try {
    child = spawn(program, args, {
      ...options,
      env: { ...options.env, [MARK]: mark },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
  } catch (error) {
    expect(null);
    throw error;
  }
  const { pid } = child;
  if (pid === undefined) {
    expect(null);
    return { child, end: () => undefined, ask: () => undefined };
  }
  const release = watch(-pid);
  let over = false;
  const end = (): void => {
    if (over) return;
    over = true;
    signalGroup(pid, 'SIGKILL');
    release();
  };
  child.once('close', end);
  return { child, end, ask: () => over || signalGroup(pid, 'SIGTERM') };
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // It is gone already.
  }
}
