import { existsSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keptFiles } from '../../src/app/study/kept-files.js';
import { frontier, readStudy } from '../../src/trials/index.js';
import { begun, finish, RESUME } from '../loss/studies.js';
import { controllerOf, FINISHED, killAfter, rowsIn, run, tableOf } from '../loss/killing.js';
import { emptyFolder, nas } from './nas.js';

const TRIALS = 30;
const checkpoints = (cwd: string): string => join(cwd, 'runs/demo/checkpoints');
const filesIn = (cwd: string): readonly string[] => readdirSync(checkpoints(cwd)).sort();

/** What `nas prune` would keep. */
function keptIn(cwd: string): readonly string[] {
  using reader = readStudy(join(cwd, 'runs/demo'));
  return [...keptFiles(reader).keys()].sort();
}

describe('nas search --keep', { timeout: 120_000 }, () => {
  const folder = emptyFolder();
  const cwd = folder.path;
  let dropped: number;

  beforeAll(async () => {
    begun(cwd, { keep: 'frontier', trials: TRIALS, targetMs: 100 });
    await finish(cwd);
    const gone = rowsIn(cwd).find((row) => !filesIn(cwd).includes(row.checkpoint ?? ''));
    dropped = gone?.trial ?? 0;
  }, 120_000);
  afterAll(() => {
    folder[Symbol.dispose]();
  });

  it('frontier leaves what nas prune keeps; the rows still name every file', async () => {
    const rows = rowsIn(cwd);
    expect(rows.map(({ state, checkpoint }) => [state, checkpoint])).toEqual(
      rows.map(({ trial }) => ['done', `trial-${trial}.weights`]),
    );
    expect(filesIn(cwd)).toEqual(keptIn(cwd));
    expect(filesIn(cwd)).toEqual(expect.arrayContaining(frontier(rows).map((row) => row.checkpoint)));
    expect(filesIn(cwd).length).toBeLessThan(TRIALS);
    const { stdout } = await nas(['prune', 'demo', '--dry-run'], { cwd });
    expect(stdout).toContain('nothing to drop');
  });

  it('frontier ends with the same files after kill -9 in the middle', async () => {
    using other = emptyFolder();
    begun(other.path, { keep: 'frontier', trials: TRIALS, targetMs: 100 });
    const victim = run(other.path, RESUME);
    await victim.until(FINISHED, 12);
    expect(await killAfter(victim, 0, () => controllerOf(victim))).toBe(true);
    await victim.ended;
    expect(rowsIn(other.path).length).toBeLessThan(TRIALS);
    await finish(other.path);
    expect(tableOf(other.path)).toEqual(tableOf(cwd));
    expect(filesIn(other.path)).toEqual(filesIn(cwd));
  });

  it('all keeps every file; frontier on resuming drops what is dominated, and says so', async () => {
    using other = emptyFolder();
    begun(other.path, { keep: 'frontier', trials: 12 });
    const search = async (...options: readonly string[]): Promise<string> => {
      const { code, stderr } = await nas([...RESUME, ...options], { cwd: other.path });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return stderr;
    };
    await search('--keep', 'all');
    expect(filesIn(other.path)).toHaveLength(12);
    // Not named again: it stays as it was asked for last.
    await search('--trials', '13');
    expect(filesIn(other.path)).toHaveLength(13);
    expect(await search('--trials', '13', '--keep', 'frontier')).toMatch(
      /--keep frontier: dropped the weights of \d+ trials/,
    );
    expect(filesIn(other.path)).toEqual(keptIn(other.path));
    expect(filesIn(other.path).length).toBeLessThan(13);
  });

  it.each([
    ['export', 'nas', (trial: string) => ['export', trial, '--format', 'tfjs']],
    ['refine', 'netadapt', (trial: string) => ['refine', trial, '--target-latency', '0.1ms']],
  ] as const)(
    '%s of a dropped trial says what dropped its weights and how to get some',
    async (_, bin, args) => {
      const { code, stderr } = await nas([...args(String(dropped)), '--study', 'demo'], { cwd, bin });
      expect(stderr).toContain(
        `error: the weights of trial ${dropped} were dropped by the search (--keep frontier)`,
      );
      expect(stderr).toContain(`nas retrain ${dropped} --study demo trains it again`);
      expect(stderr).toContain(`nas replay ${dropped} --study demo`);
      expect(stderr).toContain('[NAS_WEIGHTS_PRUNED]');
      expect(code).toBe(2);
    },
  );

  it('show, report, replay and retrain take a dropped trial; retraining writes new weights', async () => {
    const trial = String(dropped);
    for (const args of [
      ['show', trial, '--study', 'demo'],
      ['report', 'demo'],
      ['replay', trial, '--study', 'demo'],
      ['retrain', trial, '--study', 'demo'],
    ]) {
      const { code, stderr } = await nas(args, { cwd });
      expect({ args, code, stderr }).toMatchObject({ code: 0 });
    }
    expect(existsSync(join(checkpoints(cwd), `trial-${TRIALS + 1}.weights`))).toBe(true);
  });

  it('a file that is to be kept and is missing was dropped by no search', async () => {
    const [best] = frontier(rowsIn(cwd));
    unlinkSync(join(checkpoints(cwd), best?.checkpoint ?? ''));
    const { stderr } = await nas(['export', String(best?.trial), '--study', 'demo'], { cwd });
    expect(stderr).toContain('[NAS_NO_WEIGHTS]');
  });
});
