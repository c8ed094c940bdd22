import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^nas-command-(\d+)-/;

/** A new folder for this process's models, after those were removed whose process is gone (killed, say). */
export function ownFolder(parent: string): string {
  cleanFolders(parent);
  return mkdtempSync(join(parent, `nas-command-${process.pid}-`));
}

/** Removes what processes left behind that no longer run. Returns how many folders. */
export function cleanFolders(parent: string): number {
  const stale = readdirSync(parent).filter((name) => {
    const pid = NAME.exec(name)?.[1];
    return pid !== undefined && !isRunning(Number(pid));
  });
  for (const name of stale) {
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
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
