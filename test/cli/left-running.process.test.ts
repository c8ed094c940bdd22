import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stopwatch } from '../../src/core/index.js';
import { lives } from '../latency/chromium/chromium.js';
import { emptyFolder } from './nas.js';
import { searching } from './searching.js';

const device = fileURLToPath(new URL('hanging-device.mjs', import.meta.url));

/** Calls of the device until it hangs: while the command tries it, while the host opens it, while a candidate is timed. */
const STAGES = { trying: 0, opening: 1, timing: 5 } as const;

/** Processes of the device that hang, or have been made to. */
function hanging(cwd: string): readonly number[] {
  const file = join(cwd, 'hanging');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(/\s+/).map(Number) : [];
}

function parentOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[1]);
}

async function until(what: () => boolean): Promise<void> {
  await expect.poll(what, { timeout: 60_000, interval: 20 }).toBe(true);
}

/** How a command may end, by what is sent to whom. */
const KINDS: Readonly<Record<string, (child: ChildProcess) => void>> = {
  'kill -9': (child) => void child.kill('SIGKILL'),
  'Ctrl-C': (child) => process.kill(-(child.pid ?? 0), 'SIGINT'),
  'Ctrl-C twice': (child) => {
    process.kill(-(child.pid ?? 0), 'SIGINT');
    setTimeout(() => child.kill('SIGINT'), 300);
  },
  SIGTERM: (child) => void child.kill('SIGTERM'),
  'SIGTERM to all of its group': (child) => process.kill(-(child.pid ?? 0), 'SIGTERM'),
  SIGHUP: (child) => process.kill(-(child.pid ?? 0), 'SIGHUP'),
};

describe('a program that times', { timeout: 120_000 }, () => {
  it.each(
    Object.keys(STAGES).flatMap((stage) =>
      Object.keys(KINDS)
        .filter((kind) => stage === 'timing' || kind === 'SIGTERM')
        .map((kind) => [stage as keyof typeof STAGES, kind] as const),
    ),
  )('ends with the command: %s, %s', async (stage, kind) => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const { child, ended } = await searching(cwd, `command:node ${device} ${cwd} ${STAGES[stage]}`);
    await until(() => hanging(cwd).length === 2);
    const pids = hanging(cwd);
    const elapsed = stopwatch();
    KINDS[kind]?.(child);
    await ended;
    // Not 20 s, after which a task that does not stop is ended by force.
    expect(elapsed()).toBeLessThan(10_000);
    await until(() => !pids.some(lives));
    expect(hanging(cwd)).toHaveLength(2);
  });

  it('ends with the host, and never runs together with the next one', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const { child, ended } = await searching(cwd, `command:node ${device} ${cwd} ${STAGES.timing}`);
    await until(() => hanging(cwd).length === 2);
    const first = hanging(cwd);
    process.kill(parentOf(first[0] ?? 0), 'SIGKILL');
    await until(() => hanging(cwd).length === 4);
    expect(first.some(lives)).toBe(false);
    child.kill('SIGKILL');
    await ended;
    await until(() => !hanging(cwd).some(lives));
  });
});
