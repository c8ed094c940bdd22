import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Access mode of open files. */
const MODE = 0o3;
const WRITE_ONLY = 1;

/**
 * Whether the user asked by `nohup` for the end of the terminal to be ignored. Node gives every signal its default action
 * when it starts, so the signal itself no longer shows it. What does: the shell names the program that it starts in
 * `_`, and nohup makes an unreadable /dev/null of an input, a file nohup.out of an output that was a terminal.
 */
export function isHangupIgnored(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (basename(environment['_'] ?? '') === 'nohup') return true;
  return linkOf(1).endsWith('/nohup.out') || (linkOf(0) === '/dev/null' && isUnreadable(0));
}

function linkOf(descriptor: number): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

function isUnreadable(descriptor: number): boolean {
  try {
    const [, flags = '0'] =
      /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & MODE) === WRITE_ONLY;
  } catch {
    return false;
  }
}
