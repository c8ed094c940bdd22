import { readdirSync, readFileSync } from 'node:fs';

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
    // A child that came from a zygote has its command line as one string.
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
