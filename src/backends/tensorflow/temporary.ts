import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^nas-graph-(\d+)-/;

/** Start of the name of a graph's folder; holds the process that wrote it. */
export function temporaryPrefix(pid: number): string {
  return `nas-graph-${pid}-`;
}

/** Removes graphs' folders that processes left behind that no longer run. Returns how many. */
export function cleanTemporary(folder: string): number {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return 0;
  }
  const stale = names.filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  for (const name of stale) rmSync(join(folder, name), { recursive: true, force: true });
  return stale.length;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
