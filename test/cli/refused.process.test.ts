import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyOptions } from '../../src/app/study/defaults.js';
import { openStudy, readStudy, type TrialRow } from '../../src/trials/index.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder, nas, nasCommand } from './nas.js';
import { writeStudy } from './studies.js';

const write = (cwd: string, requested: Partial<StudyOptions>): void => {
  writeStudy(join(cwd, 'runs'), fakeStudy({ space: smallSpace, strategy: 'random', ...requested }), 0);
};

/** A search whose target no network meets, and which knows it from another study's measurements; long budgets. */
async function refusing(cwd: string) {
  write(cwd, { study: 'known', targetMs: 4, gate: 100, trials: 24 });
  expect(await nas(['search', '--resume', '--study', 'known'], { cwd })).toMatchObject({ code: 0 });
  write(cwd, { targetMs: 0.0001, gate: 1.5, trials: null, seconds: 8 * 3600 });
  {
    // As if it were in reach: else the search would end before it begins.
    using store = openStudy(join(cwd, 'runs/demo'));
    store.note('search.reachable', true);
  }
  const child = spawn(...nasCommand(['search', '--resume', '--study', 'demo'], { cwd }));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.resume();
  return { child, stderr: () => stderr };
}

function rowsOf(cwd: string): readonly TrialRow[] {
  using reader = readStudy(join(cwd, 'runs/demo'));
  return reader.rows();
}

const predicted = (cwd: string): number =>
  rowsOf(cwd).filter((row) => row.latencySource === 'predicted').length;

describe('a search all of whose candidates are refused by prediction', { timeout: 120_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('stops at %s and can be resumed', async (signal) => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const { child, stderr } = await refusing(cwd);
    for (let i = 0; i < 1000 && predicted(cwd) < 20; i++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(predicted(cwd)).toBeGreaterThanOrEqual(20);
    // What it does not obey within this it does not obey at all.
    const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000);
    child.kill(signal);
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(deadline);
    expect(code).toBe(130);
    expect(stderr()).toMatch(/nas search --study demo --resume\n$/);
    const finished = rowsOf(cwd).filter((row) => row.state === 'infeasible');
    const trials = finished.length + 5;
    const again = await nas(['search', '--resume', '--study', 'demo', '--trials', String(trials)], { cwd });
    expect(again).toMatchObject({ code: 2 });
    expect(again.stderr).toMatch(/NAS_NOTHING_FEASIBLE/);
    expect(rowsOf(cwd).map((row) => row.state)).toEqual(Array(trials).fill('infeasible'));
    expect(rowsOf(cwd)).toEqual(expect.arrayContaining(finished));
  });
});

describe('a target that no network can meet', { timeout: 120_000 }, () => {
  it('ends a search before it begins, with what is in reach', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    write(cwd, { targetMs: 0.0001, trials: null, seconds: 8 * 3600 });
    const { code, stderr } = await nas(['search', '--resume', '--study', 'demo'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: the fastest network found in space example takes .* fix: no width does: even mobilenet_v3_small@0\.1 .*\[NAS_TARGET_UNREACHABLE\]$/m,
    );
    using reader = readStudy(join(cwd, 'runs/demo'));
    expect(reader.rows()).toEqual([]);
  });
});

describe('a space smaller than the budget of trials', { timeout: 120_000 }, () => {
  it('is tried as a whole, and the search reports it', async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    const yaml = [
      'version: 1',
      'name: two',
      'stem: { filters: [8, 16], activation: re }',
      'stages:',
      '  - { op: mbconv, kernel: 3, stride: 2, expansion: 2, filters: 16, layers: 1 }',
    ].join('\n');
    write(cwd, { space: { name: 'two', yaml }, trials: 100 });
    const { code, stderr } = await nas(['search', '--resume', '--study', 'demo'], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^the space has 2 networks; all were tried$/m);
    using reader = readStudy(join(cwd, 'runs/demo'));
    expect(reader.rows()).toHaveLength(2);
  });
});
