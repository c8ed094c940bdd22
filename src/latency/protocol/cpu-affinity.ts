import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Surrounds work that is timed. */
export type Hold = <T>(work: () => Promise<T>) => Promise<T>;

/** Names cores to Linux's scheduler, for all threads of this process; throws where that is not possible. */
export type SetCores = (list: string) => void;

const taskset: SetCores = (list) => {
  execFileSync('taskset', ['--all-tasks', '--pid', '--cpu-list', list, String(process.pid)], {
    stdio: 'ignore',
    timeout: 5000,
  });
};

/**
 * Keeps all threads of this process on one core while work is timed. A runtime with one thread still hands each run from
 * thread to thread; a scheduler that wakes them on different cores adds to a latency what the network does not cost, and
 * another amount each time (bench/latency/README.md).
 *
 * The last core that the process may use is taken: interrupts mostly go to the first, and processors with fast and slow
 * cores number the fast ones last. Undefined where there is only one, or where cores cannot be named.
 * @param status the text of Linux's `/proc/self/status`
 */
export function pinToOneCore(status = ownStatus(), setCores: SetCores = taskset): Hold | undefined {
  const allowed = allowedCores(status);
  const last = /(\d+)$/.exec(allowed ?? '')?.[1];
  if (allowed === undefined || last === undefined || allowed === last) return undefined;
  try {
    setCores(allowed);
  } catch {
    return undefined;
  }
  return async (work) => {
    setCores(last);
    try {
      return await work();
    } finally {
      setCores(allowed);
    }
  };
}

/**
 * Remembers the cores that this process may use. What it returns gives them back, after a thread that held the process on
 * one was ended by force.
 */
export function rememberCores(status = ownStatus(), setCores: SetCores = taskset): () => void {
  const allowed = allowedCores(status);
  return () => {
    if (allowed === undefined) return;
    try {
      setCores(allowed);
    } catch {
      // Cores cannot be named here, so none was taken.
    }
  };
}

function allowedCores(status: string): string | undefined {
  return /^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(status)?.[1];
}

function ownStatus(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return '';
  }
}
