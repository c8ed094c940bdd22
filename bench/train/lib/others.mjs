// How much of the machine others use while something is timed. Linux only, from /proc.
import { readFileSync } from 'node:fs';

/** The kernel's clock ticks per second in /proc, the same on every Linux that Node runs on. */
const TICKS = 100;

/** Processor seconds that all processes used, and what the machine below took away. */
function busySeconds() {
  const [, user, nice, system, , , irq, softIrq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/, 9);
  return [user, nice, system, irq, softIrq, steal].reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
}

/** Processor seconds of one process with all its threads; 0 for one that is gone. */
function usedSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  } catch {
    return 0;
  }
}

/**
 * Runs work and says how many cores others used meanwhile, on average.
 * @param pids processes whose time is the work's own; this one is added
 */
export async function besides(pids, work) {
  const own = () => [process.pid, ...pids].reduce((sum, pid) => sum + usedSeconds(pid), 0);
  const [busy, used, begin] = [busySeconds(), own(), performance.now()];
  const result = await work();
  const seconds = (performance.now() - begin) / 1000;
  return { result, others: Math.max(0, busySeconds() - busy - (own() - used)) / seconds };
}
