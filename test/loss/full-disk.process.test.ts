import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StudyOptions } from '../../src/app/study/defaults.js';
import { emptyFolder } from '../cli/nas.js';
import { rowsIn, run, tableOf } from './killing.js';
import { begun, finish, RESUME, undisturbed } from './studies.js';

const OPTIONS: Partial<StudyOptions> = { trials: 16, waitSeconds: 60 };

/** A folder whose `runs` is a separate file system of the given MiB. */
function smallDisk(mebibytes: number): { readonly path: string } & Disposable {
  const folder = emptyFolder();
  const runs = join(folder.path, 'runs');
  mkdirSync(runs);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', runs]);
  return {
    path: folder.path,
    [Symbol.dispose]() {
      execFileSync('umount', ['--lazy', runs]);
      folder[Symbol.dispose]();
    },
  };
}

/** Fills it to the last byte; gone again with the file. */
function fill(cwd: string): string {
  const ballast = join(cwd, 'runs', 'ballast');
  for (const bytes of [2 ** 20, 2 ** 12]) {
    try {
      for (;;) writeFileSync(ballast, Buffer.alloc(bytes, 1), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
  return ballast;
}

function mayMount(): boolean {
  try {
    smallDisk(1)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}

const skipped = mayMount() ? '' : '(skipped: not root) > ';

describe.skipIf(skipped !== '')(`${skipped}a disk that is full`, { timeout: 120_000 }, () => {
  it('is waited for: the search resumes by itself, and no trial is to blame', async () => {
    using folder = smallDisk(64);
    const cwd = folder.path;
    begun(cwd, OPTIONS);
    const search = run(cwd, RESUME);
    await search.until(/^ +\d+ sample .*$/, 3);
    const ballast = fill(cwd);
    await search.until(/^waiting: .*\[NAS_DISK_FULL\].*$/, 1);
    expect(rowsIn(cwd).filter(({ state }) => state === 'failed')).toEqual([]);
    rmSync(ballast);
    expect({ code: await search.ended, said: search.stderr() }).toMatchObject({ code: 0 });
    expect(search.count(/^waiting: /)).toBe(1);
    expect(search.count(/^resuming after \d+ s$/)).toBe(1);
    expect(tableOf(cwd)).toEqual(await undisturbed(OPTIONS));
  });

  it.each([
    ['stays so, it ends after --wait with its code', ['--wait', '4s'], false],
    ['is not waited for after Ctrl-C: it ends with its code', [], true],
  ] as const)('that %s, and is resumed', async (_, args, interrupt) => {
    using folder = smallDisk(64);
    const cwd = folder.path;
    begun(cwd, OPTIONS);
    const search = run(cwd, [...RESUME, ...args]);
    await search.until(/^ +\d+ sample .*$/, 3);
    const ballast = fill(cwd);
    await search.until(/^waiting: .*\[NAS_DISK_FULL\].*$/, 1);
    if (interrupt) search.child.kill('SIGINT');
    expect(await search.ended).toBe(2);
    expect(search.stderr()).toMatch(/\nerror: no space left to write .* \[NAS_DISK_FULL\]\n$/);
    rmSync(ballast);
    expect(rowsIn(cwd).filter(({ state }) => state === 'failed' || state === 'stopped')).toEqual([]);
    await finish(cwd);
    expect(tableOf(cwd)).toEqual(await undisturbed(OPTIONS));
  });

  it('is waited for by a retraining as well, and is no fault of the network', async () => {
    using folder = smallDisk(64);
    const cwd = folder.path;
    begun(cwd, { trials: 4, targetMs: 100, waitSeconds: 60 });
    await finish(cwd);
    const retrain = run(cwd, ['retrain', '1', '--study', 'demo', '--epochs', '1000']);
    const begins = (): boolean => rowsIn(cwd).some(({ kind }) => kind === 'retrain');
    await expect.poll(begins, { timeout: 60_000, interval: 20 }).toBe(true);
    const ballast = fill(cwd);
    await retrain.until(/^waiting: .*\[NAS_DISK_FULL\].*$/, 1);
    expect(rowsIn(cwd).at(-1)).toMatchObject({ kind: 'retrain', state: 'running' });
    rmSync(ballast);
    expect({ code: await retrain.ended, said: retrain.stderr() }).toMatchObject({ code: 0 });
    expect(retrain.count(/^resuming after \d+ s$/)).toBe(1);
    expect(rowsIn(cwd).filter(({ kind }) => kind === 'retrain')).toMatchObject([{ state: 'done' }]);
  });
});
