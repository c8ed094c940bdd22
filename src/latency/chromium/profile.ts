import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const NAME = /^nas-chromium-(\d+)-/;

/** A new folder for a browser's profile, after those were removed whose process is gone (killed, say). */
export function newProfile(parent: string): string {
  for (const name of readdirSync(parent)) {
    const owner = NAME.exec(name)?.[1];
    if (owner !== undefined && !isRunning(Number(owner))) removeProfile(join(parent, name));
  }
  return mkdtempSync(join(parent, `nas-chromium-${process.pid}-`));
}

/** What cannot be removed now (another user's, or written to at this moment) stays for a later start. */
export function removeProfile(profile: string): void {
  try {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {
    // As said above.
  }
}

/** Ends every process of the browser with that profile, also a stopped or hung one. */
export function killBrowser(profile: string): void {
  for (const pid of browserProcesses(profile).map((one) => one.pid)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
}

/** The processes with that profile on their command line; `type` is empty for the browser itself. */
export function browserProcesses(profile: string): { readonly pid: number; readonly type: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    // A child that came from a zygote has its command line in one piece.
    const words = commandLine(name).split(/[\0 ]/);
    if (!words.includes(`--user-data-dir=${profile}`)) return [];
    const type = words.find((word) => word.startsWith('--type='))?.slice('--type='.length) ?? '';
    return [{ pid: Number(name), type }];
  });
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
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
