import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { findProgram, runProgram, startGroup } from '../../src/process/index.js';

const holder = new URL('fixtures/holder.mjs', import.meta.url);
const dist = new URL('../../dist/', import.meta.url).href;

/** State, parent and group of a process; undefined for one that has ended. */
function statOf(pid: number | string): { readonly parent: number; readonly group: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent, group] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : { parent: Number(parent), group: Number(group) };
  } catch {
    return undefined;
  }
}
const lives = (pid: number): boolean => statOf(pid) !== undefined;
const gone = (pids: readonly number[]) =>
  expect.poll(() => pids.some(lives), { timeout: 20_000, interval: 20 }).toBe(false);
const childrenOf = (pid: number): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statOf(name)?.parent === pid)
    .map(Number);

describe('what a process started', { timeout: 60_000 }, () => {
  it.each([
    ['group', 'SIGKILL'],
    ['group', 'SIGTERM'],
    ['group', 'SIGHUP'],
    ['unreported', 'SIGKILL'],
    ['process', 'SIGKILL'],
  ] as const)('ends with it: %s, %s', async (how, signal) => {
    const child = fork(holder, [JSON.stringify({ dist, how })], { execArgv: [] });
    const [pids] = (await once(child, 'message')) as [number[]];
    const all = childrenOf(child.pid ?? 0);
    expect(pids.every(lives)).toBe(true);
    child.kill(signal);
    await once(child, 'exit');
    await gone([...pids, ...all]);
  });

  it('ends with a thread that is ended', async () => {
    const worker = new Worker(holder, { workerData: { dist, how: 'group' } });
    const [pids] = (await once(worker, 'message')) as [number[]];
    expect(pids.every(lives)).toBe(true);
    await worker.terminate();
    await gone(pids);
  });

  it('ends with it although the watcher was killed in between', async () => {
    const child = fork(holder, [JSON.stringify({ dist, how: 'group' })], { execArgv: [] });
    const [pids] = (await once(child, 'message')) as [number[]];
    const watchers = () => childrenOf(child.pid ?? 0).filter((one) => !pids.includes(one));
    const [first] = watchers();
    if (first === undefined) throw new Error('the process has no watcher');
    process.kill(first, 'SIGKILL');
    // Longer than other waits: another process has to be started by one that may be waiting for the processor.
    await expect.poll(() => watchers().some((one) => one !== first), { timeout: 40_000 }).toBe(true);
    child.kill('SIGKILL');
    await gone(pids);
  });
});

describe('a group of processes', { timeout: 60_000 }, () => {
  it('is ended as a whole', async () => {
    const { child, end } = startGroup('sh', ['-c', 'sleep 1000 & echo $!; wait'], { env: process.env });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const pids = [child.pid ?? 0, Number(line.toString())];
    expect(pids.every(lives)).toBe(true);
    end();
    await gone(pids);
  });

  it('of a program that is not there is an error event', async () => {
    const { child } = startGroup('no-such-program', [], { env: process.env });
    const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
    expect(error.code).toBe('ENOENT');
  });
});

describe('running a program', { timeout: 60_000 }, () => {
  const env = process.env;
  it('gives its code and outputs', async () => {
    const result = await runProgram('sh', ['-c', 'echo out; echo err >&2; exit 3'], { env });
    expect(result).toEqual({ code: 3, absent: false, stdout: 'out\n', stderr: 'err\n' });
    expect(await runProgram('no-such-program', [], { env })).toMatchObject({ code: null, absent: true });
    expect(await findProgram(['no-such-program', 'sh'], env)).toBe('sh');
  });

  it('ends one that does not listen, on time-out and on abort, with what it started', async () => {
    const deaf = ['-c', 'trap "" TERM; sh -c "trap \\"\\" TERM; while :; do sleep 0.1; done" & wait; wait'];
    expect(await runProgram('sh', deaf, { env, timeoutMs: 100 })).toMatchObject({ code: null });
    const stopping = new AbortController();
    const running = runProgram('sh', deaf, { env, signal: stopping.signal });
    stopping.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });
});
