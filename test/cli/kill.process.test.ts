import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyOptions } from '../../src/app/study/defaults.js';
import { readStudy, type TrialRow } from '../../src/trials/index.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder, listing, nas, nasCommand } from './nas.js';
import { writeStudy } from './studies.js';

const TRIALS = 24;
const RESUME = ['search', '--resume', '--study', 'demo'];

/** A begun study of networks that take a tenth of a second each, none of them over the gate. */
function begun(cwd: string, requested: Partial<StudyOptions> = {}): void {
  writeStudy(
    join(cwd, 'runs'),
    fakeStudy({ space: smallSpace, targetMs: 0.6, gate: 100, epochs: 10, trials: TRIALS, ...requested }),
    0,
  );
}

interface Running {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

/** A command, `nas search --resume` if none is named, left running as the leader of a process group. */
function searching(cwd: string, args = RESUME): Running {
  const [file, words, options] = nasCommand(args, { cwd });
  const child = spawn(file, words, { ...options, detached: true });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (more: string) => (text += more));
  child.stdout.resume();
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, stderr: () => text };
}

function rowsOf(cwd: string): readonly TrialRow[] {
  using reader = readStudy(join(cwd, 'runs/demo'));
  return reader.rows();
}

const unfinished = (rows: readonly TrialRow[]): readonly TrialRow[] =>
  rows.filter((row) => row.state === 'running');
const finished = (rows: readonly TrialRow[]): readonly TrialRow[] =>
  rows.filter((row) => row.state !== 'running');

/** Waits until the given number of trials are finished and another one is running. */
async function untilFinished(cwd: string, count: number): Promise<void> {
  await until(() => finished(rowsOf(cwd)).length >= count && unfinished(rowsOf(cwd)).length > 0);
}

/** As a terminal does it: the whole group gets the signal, host included. */
function press({ child }: Running, signal: NodeJS.Signals): void {
  if (child.pid === undefined) throw new Error('it was not started');
  process.kill(-child.pid, signal);
}

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 1500; i++) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it never came to be');
}

/** State and parent of a process, or undefined where there is none. */
function processOf(pid: number): { readonly state: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}

/** Processes that a process has started itself. */
function childrenOf(pid: number | undefined): readonly number[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return all.map(Number).filter((one) => processOf(one)?.parent === pid);
}

function lives(pid: number): boolean {
  const found = processOf(pid);
  return found !== undefined && found.state !== 'Z';
}

/** All trials there should be, each once and finished; those finished before are as they were. */
function expectWhole(rows: readonly TrialRow[], before: readonly TrialRow[]): void {
  expect(rows.map((row) => row.trial)).toEqual(Array.from({ length: TRIALS }, (_, index) => index + 1));
  expect(unfinished(rows)).toEqual([]);
  for (const row of finished(before)) expect(rows[row.trial - 1]).toEqual(row);
}

/** Every reading command works on the study unchanged; the rows are as promised. */
async function expectReadable(cwd: string): Promise<void> {
  const done = finished(rowsOf(cwd)).find((row) => row.state === 'done')?.trial ?? 0;
  const [trials, frontier, show, exported, csv] = await Promise.all(
    [
      ['trials', '--json'],
      ['frontier', 'demo', '--json'],
      ['show', String(done), '--json'],
      ['export', String(done), '--format', 'json'],
      ['trials', '--csv', '--state', 'done'],
    ].map(async (args) => {
      const answer = await nas(args, { cwd });
      expect(answer).toMatchObject({ code: 0, stderr: '' });
      return answer.stdout;
    }),
  );
  for (const row of JSON.parse(trials ?? '') as Record<string, unknown>[]) {
    expect(row).toMatchObject({ study: 'demo', kind: 'sample', parent: null });
    for (const key of ['trial', 'params', 'madds']) expect(row[key]).toBeGreaterThan(0);
    for (const key of ['text', 'seed', 'state']) expect(row[key]).toMatch(/./);
    const numbers = ['accuracy', 'latencyMs', 'reward', 'seconds'];
    const open = row['state'] === 'running';
    for (const key of numbers) expect(row[key]).toEqual(open ? null : (expect.any(Number) as number));
    expect(row['latencySource']).toBe(open ? null : 'measured');
  }
  expect((JSON.parse(frontier ?? '') as { trial: number }[]).length).toBeGreaterThan(0);
  expect(JSON.parse(show ?? '')).toMatchObject({ trial: done, state: 'done', outcome: { state: 'done' } });
  const [file = ''] = (exported ?? '').trim().split('\n');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ text: rowsOf(cwd)[done - 1]?.text });
  expect(csv).toMatch(/^trial,/);
}

describe('kill -9', { timeout: 60_000 }, () => {
  it('of the controller loses nothing that was finished, leaves no process, and the study resumes to the same end', async () => {
    using folder = emptyFolder();
    using undisturbed = emptyFolder();
    const cwd = folder.path;
    for (const path of [cwd, undisturbed.path]) begun(path, { mode: 'batch' });
    const first = searching(cwd);
    await untilFinished(cwd, 5);
    const hosts = childrenOf(first.child.pid);
    expect(hosts).toHaveLength(1);
    // Held, so that the search is still running when everything has been read.
    for (const host of hosts) process.kill(host, 'SIGSTOP');
    await expectReadable(cwd);
    first.child.kill('SIGKILL');
    await first.ended;
    for (const host of hosts) process.kill(host, 'SIGCONT');
    await until(() => !hosts.some(lives));
    const before = rowsOf(cwd);
    expect(before.length).toBeLessThan(TRIALS);
    expect(unfinished(before).length).toBeGreaterThan(0);
    await expectReadable(cwd);

    const [second, straight] = await Promise.all([
      nas(RESUME, { cwd }),
      nas(RESUME, { cwd: undisturbed.path }),
    ]);
    expect(second.code).toBe(0);
    expect(straight.code).toBe(0);
    const rows = rowsOf(cwd);
    expectWhole(rows, before);
    for (const row of unfinished(before))
      expect(rows[row.trial - 1]).toMatchObject({ text: row.text, attempts: 2 });
    const summary = (row: TrialRow): unknown[] => [row.text, row.accuracy, row.latencyMs, row.reward];
    expect(rows.map(summary)).toEqual(rowsOf(undisturbed.path).map(summary));
  });

  it('of the host costs the running trials one retry', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    begun(cwd, { strategy: 'random' });
    const running = searching(cwd);
    await untilFinished(cwd, 4);
    const before = rowsOf(cwd);
    const [host = 0] = childrenOf(running.child.pid);
    process.kill(host, 'SIGKILL');
    expect(await running.ended).toBe(0);
    expectWhole(rowsOf(cwd), before);
    expect(rowsOf(cwd).every((row) => row.state === 'done')).toBe(true);
    expect(readFileSync(join(cwd, 'runs/demo/log'), 'utf8')).toMatch(/SIGKILL/);
  });
});

describe('Ctrl-C', { timeout: 60_000 }, () => {
  it('stops, says how to resume, leaves no process; resuming works', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    begun(cwd, { strategy: 'random', trials: 8 });
    const running = searching(cwd);
    await untilFinished(cwd, 2);
    const hosts = childrenOf(running.child.pid);
    press(running, 'SIGINT');
    expect(await running.ended).toBe(130);
    expect(running.stderr()).toMatch(/Ctrl-C: stopping[^]*nas search --study demo --resume\n$/);
    expect(hosts.some(lives)).toBe(false);
    const before = rowsOf(cwd);
    expect(before.some((row) => row.state === 'stopped')).toBe(false);
    expect(await nas(RESUME, { cwd })).toMatchObject({ code: 0 });
    const rows = rowsOf(cwd);
    expect(rows.map((row) => [row.trial, row.state])).toEqual(rows.map((_, index) => [index + 1, 'done']));
    expect(rows).toHaveLength(8);
  });

  it('pressed twice ends immediately, and the study is whole', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    begun(cwd, { strategy: 'random', epochs: 2000 });
    const running = searching(cwd);
    await until(() => unfinished(rowsOf(cwd)).length > 0);
    const hosts = childrenOf(running.child.pid);
    press(running, 'SIGINT');
    await until(() => running.stderr().includes('Ctrl-C'));
    press(running, 'SIGINT');
    expect(await running.ended).toBe(130);
    await until(() => !hosts.some(lives));
    expect(await nas(['trials', '--json'], { cwd })).toMatchObject({ code: 0, stderr: '' });
  });

  it('before anything runs stops as well', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    begun(cwd);
    const running = searching(cwd);
    await until(() => childrenOf(running.child.pid).length > 0);
    press(running, 'SIGTERM');
    expect(await running.ended).toBe(130);
    expect(running.stderr()).toMatch(/SIGTERM: stopping.*\nstopped/);
    expect(rowsOf(cwd).every((row) => row.state === 'running')).toBe(true);
  });

  it('while data is brought stops, and nothing half-brought looks whole', async () => {
    using folder = emptyFolder();
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    const asked = once(silent, 'request');
    try {
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const mirror = `http://127.0.0.1:${port}`;
      const running = searching(folder.path, ['data', 'get', 'cifar10', '--mirror', mirror]);
      await asked;
      press(running, 'SIGINT');
      expect(await running.ended).toBe(130);
      expect(running.stderr()).toMatch(/Ctrl-C: stopping.*\nstopped/);
      expect(listing(folder.path).filter((path) => /\.(bin|gz)$/.test(path))).toEqual([]);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});
