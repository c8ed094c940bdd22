import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { now } from '../clock.js';

/**
 * A new folder of this process below `parent`, which is made where it is missing. Its name holds who owns it: the number
 * space of processes, the process, and the moment that one started (ticks after the machine did).
 * @param kind what it is for, letters only; part of the name
 */
export function ownFolder(parent: string, kind: string): string {
  mkdirSync(parent, { recursive: true });
  const { pid } = process;
  return mkdtempSync(join(parent, `nas-${kind}-${numberSpace()}-${pid}-${startOf(pid) ?? 0}-`));
}

/**
 * Removes the folders of a kind whose processes no longer run (killed, say).
 * @param foreignHours for how long folders of another container, whose processes cannot be asked for, are left alone
 *   after they were last written to
 * @returns how many
 */
export function cleanFolders(parent: string, kind: string, foreignHours: number): number {
  // Without /proc there is no way to see what runs.
  if (startOf(process.pid) === undefined) return 0;
  let names: string[];
  try {
    names = readdirSync(parent);
  } catch {
    return 0;
  }
  const form = new RegExp(`^nas-${kind}-(\\d+)-(\\d+)-(\\d+)-`);
  const isStale = (name: string): boolean => {
    const [, space, pid, start] = form.exec(name) ?? [];
    if (space === undefined) return false;
    if (Number(space) !== numberSpace()) return hoursOld(join(parent, name)) > foreignHours;
    return startOf(Number(pid)) !== Number(start);
  };
  return names.filter((name) => isStale(name) && removeFolder(join(parent, name))).length;
}

/** Removes a folder; false for one that cannot be now (another user's, or written to at this moment). */
export function removeFolder(path: string): boolean {
  try {
    rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    return true;
  } catch {
    return false;
  }
}

/** The namespace of process ids: containers that share a folder each count their own. 0 where unknown. */
export function numberSpace(): number {
  try {
    return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** When a process started; undefined for one that has ended, even if it has not been reaped yet. */
export function startOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is a name in brackets that may hold anything; the state follows, the start is field 22.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
  } catch {
    return undefined;
  }
}

function hoursOld(path: string): number {
  return (now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity)) / 3_600_000;
}
