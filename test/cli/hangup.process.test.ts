import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { emptyFolder, nasCommand } from './nas.js';

/** A command that waits for an answer which never comes. */
async function waiting(
  cwd: string,
  start: (file: string, args: readonly string[], options: object) => ChildProcess,
): Promise<{ child: ChildProcess; stderr: () => string; ended: Promise<number | null> }> {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  const asked = once(silent, 'request');
  await once(silent, 'listening');
  const mirror = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const child = start(...nasCommand(['data', 'get', 'cifar10', '--mirror', mirror], { cwd }));
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (more: string) => (text += more));
  child.stdout?.resume();
  const ended = once(child, 'close').then(([code]) => {
    silent.closeAllConnections();
    silent.close();
    return code as number | null;
  });
  await asked;
  return { child, ended, stderr: () => text };
}

describe('the end of the terminal', { timeout: 60_000 }, () => {
  it('stops a command as Ctrl-C does', async () => {
    using folder = emptyFolder();
    const { child, ended, stderr } = await waiting(folder.path, (file, args, options) =>
      spawn(file, args, options),
    );
    child.kill('SIGHUP');
    expect(await ended).toBe(130);
    expect(stderr()).toMatch(/SIGHUP: stopping.*\nstopped/);
  });

  it.each<[string, (file: string, args: readonly string[], options: object) => ChildProcess]>([
    [
      'as a shell starts it',
      (file, args, options) => spawn('bash', ['-c', 'nohup "$@"; exit $?', 'bash', file, ...args], options),
    ],
    [
      'whose input was a terminal',
      (file, args, options) => {
        const unreadable = openSync('/dev/null', 'w');
        const child = spawn(file, args, { ...options, stdio: [unreadable, 'pipe', 'pipe'] });
        closeSync(unreadable);
        return child;
      },
    ],
  ])('stops nothing under nohup, %s', async (_, start) => {
    using folder = emptyFolder();
    const { child, ended, stderr } = await waiting(folder.path, (file, args, options) =>
      start(file, args, { ...options, detached: true }),
    );
    // As a terminal does it: to the whole group. The shell of the test ends of it, the command does not.
    process.kill(-(child.pid ?? 0), 'SIGHUP');
    await sleep(1000);
    expect(stderr()).not.toMatch(/SIGHUP/);
    process.kill(-(child.pid ?? 0), 'SIGTERM');
    await ended;
    expect(stderr()).toMatch(/SIGTERM: stopping.*\nstopped/);
  });
});
