import { numberSpace, startOf } from './files/own-folder.js';

/**
 * This process for others of the same machine: number space, number, start. Unlike the number alone it is never met
 * again.
 */
export function processMark(): string {
  const { pid } = process;
  return `${numberSpace()}-${pid}-${startOf(pid) ?? 0}`;
}

/** Whether the process of a mark still runs; one of another number space (container, machine) is taken to run. */
export function isRunning(mark: string): boolean {
  const [, space, pid, start] = /^(\d+)-(\d+)-(\d+)$/.exec(mark) ?? [];
  if (space === undefined) return false;
  if (Number(space) !== numberSpace()) return true;
  if (startOf(process.pid) === undefined) return answers(Number(pid));
  return startOf(Number(pid)) === Number(start);
}

/** Whether a process of that number runs in this number space, whichever it is. */
export function runs(pid: number): boolean {
  return startOf(process.pid) === undefined ? answers(pid) : startOf(pid) !== undefined;
}

/** Where there is no /proc. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
