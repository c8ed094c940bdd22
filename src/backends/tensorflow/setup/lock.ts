import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait: (pid: number) => void;
  readonly pollMs?: number;
}

/**
 * Takes a lock file, waiting while a living process holds it; one left by a dead process is taken over.
 * Returns the function that gives it back.
 */
export async function takeLock(path: string, options: LockOptions): Promise<() => void> {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, `${process.pid} ${startOf(process.pid) ?? ''}`);
  let told = false;
  try {
    while (!tryLink(own, path)) {
      const holder = readHolder(path);
      if (holder === undefined || startOf(holder.pid) !== holder.started) {
        rmSync(path, { force: true });
        continue;
      }
      if (!told) options.onWait(holder.pid);
      told = true;
      await sleep(options.pollMs ?? 500, undefined, options.signal ? { signal: options.signal } : {});
    }
  } finally {
    rmSync(own, { force: true });
  }
  return () => {
    rmSync(path, { force: true });
  };
}

/** A link appears whole or not at all, so no reader ever sees a lock without its holder. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(path: string): { readonly pid: number; readonly started: string } | undefined {
  try {
    const [pid = '', started = ''] = readFileSync(path, 'utf8').split(' ');
    return { pid: Number(pid), started };
  } catch {
    return undefined;
  }
}

/** When a process began, in the kernel's ticks: tells a living holder from a later process with its number. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
