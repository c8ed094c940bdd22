// How much of the machine others use while something is timed. Linux only, from /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock ticks per second in /proc, the same on every Linux that Node runs on. */
const TICKS = 100;

/** Processor seconds that all processes used, and what the machine below took away. */
function busySeconds() {
  const [, user, nice, system, , , irq, softIrq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9);
  return [user, nice, system, irq, softIrq, steal].reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

/** Fields of /proc/PID/stat from the state on; empty for a process that is gone. */
function fieldsOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

const seconds = (fields, from, to) =>
  fields.slice(from, to).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;

/** Processor seconds of this process and those, with all their threads. */
export const usedBy = (pids) => () =>
  [process.pid, ...pids].reduce((sum, pid) => sum + seconds(fieldsOf(pid), 11, 13), 0);

/** Processor seconds of this process and all that it started, whether they still run or were waited for. */
export function usedByFamily() {
  const all = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => [Number(pid), fieldsOf(pid)]),
  );
  const children = new Map();
  for (const [pid, fields] of all)
    children.set(Number(fields[1]), [...(children.get(Number(fields[1])) ?? []), pid]);
  const sum = (pid) =>
    seconds(all.get(pid) ?? [], 11, 15) +
    (children.get(pid) ?? []).reduce((total, child) => total + sum(child), 0);
  return sum(process.pid);
}

/**
 * Runs work and says how many cores others used meanwhile, on average.
 * @param used processor seconds that the work itself has used so far
 */
export async function withOthers(used, work) {
  const [busy, own, begin] = [busySeconds(), used(), performance.now()];
  const result = await work();
  const passed = (performance.now() - begin) / 1000;
  return { result, others: Math.max(0, busySeconds() - busy - (used() - own)) / passed };
}
