import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { now } from '../../core/index.js';

/** Number space of processes, process, the moment it started (ticks after the machine did). */
const NAME = /^nas-graph-(\d+)-(\d+)-(\d+)-/;
/** A graph's folder of a process that cannot be asked for is left alone for so long; it is needed for less than a second. */
const FOREIGN_HOURS = 1;

/** Makes a folder for a graph; its name holds which process is writing there. */
export function makeTemporary(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const { pid } = process;
  return mkdtempSync(join(folder, `nas-graph-${numberSpace()}-${pid}-${startOf(pid) ?? 0}-`));
}

/** Removes graphs' folders that processes left behind that no longer run. Returns how many. */
export function cleanTemporary(folder: string): number {
  // Without /proc nobody knows who runs.
  if (startOf(process.pid) === undefined) return 0;
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return 0;
  }
  return names.filter((name) => isStale(folder, name) && removed(join(folder, name))).length;
}

function isStale(folder: string, name: string): boolean {
  const [, space, pid, start] = NAME.exec(name) ?? [];
  if (space === undefined) return false;
  if (Number(space) !== numberSpace()) return hoursOld(join(folder, name)) > FOREIGN_HOURS;
  return startOf(Number(pid)) !== Number(start);
}

/** False for one that another user made. */
function removed(path: string): boolean {
  try {
    rmSync(path, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** Which numbers of processes are meant: containers that share a folder each count their own. 0 where nobody tells. */
function numberSpace(): number {
  try {
    return Number(/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? 0);
  } catch {
    return 0;
  }
}

/** When a process started; undefined for one that has ended, even if nobody has taken notice of it yet. */
function startOf(pid: number): number | undefined {
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
