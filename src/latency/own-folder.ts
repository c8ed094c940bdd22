import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A new folder of this process below `parent`, after those of its kind were removed whose process is gone (killed, say).
 * @param kind part of the folder's name, letters only
 */
export function ownFolder(parent: string, kind: string): string {
  const form = new RegExp(`^nas-${kind}-(\\d+)-`);
  for (const name of readdirSync(parent)) {
    const owner = form.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) removeFolder(join(parent, name));
  }
  return mkdtempSync(join(parent, `nas-${kind}-${process.pid}-`));
}

/** What cannot be removed now (another user's, or written to at this moment) stays for a later start. */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    // As said above.
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
