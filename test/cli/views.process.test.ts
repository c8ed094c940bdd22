import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openStudy } from '../../src/trials/index.js';
import { fakeStudy } from '../app/samples.js';
import { emptyFolder, listing, nas } from './nas.js';
import { writeStudy } from './studies.js';

describe('views of a study', { timeout: 120_000 }, () => {
  const made = () => {
    const folder = emptyFolder();
    writeStudy(join(folder.path, 'runs'), fakeStudy(), 5, true);
    writeStudy(join(folder.path, 'runs'), fakeStudy({ study: 'other', seed: '2', targetMs: 2 }));
    return folder;
  };

  it.concurrent('compare two trials, of one study or of two, and two studies', async () => {
    using folder = made();
    const options = { cwd: folder.path };
    const before = listing(folder.path);
    const [trials, across, studies, named] = await Promise.all([
      nas(['compare', '1', '3', '--study', 'demo', '--json'], options),
      nas(['compare', 'demo:1', 'other:2'], options),
      nas(['compare', 'demo', 'other', '--json'], options),
      nas(['compare', 'demo:', 'other:'], options),
    ]);
    expect(JSON.parse(trials.stdout)).toMatchObject({
      a: { trial: 1, study: 'demo' },
      b: { trial: 3 },
      accuracy: { verdict: 'lower', a: { pictures: 6000 } },
      latencies: [{ verdict: 'faster', platform: 'tensorflow' }],
    });
    expect(across.stdout).toMatch(/^A {2}demo:1 .*\nB {2}other:2 /);
    expect(across.stdout).toMatch(/latency +A is faster: 1 ms/);
    expect(JSON.parse(studies.stdout)).toMatchObject({
      a: { study: 'demo', trials: 5, hypervolume: { referenceMs: 8, referenceAccuracy: 0.1 } },
      b: { study: 'other', hypervolume: { referenceMs: 8 } },
      beaten: { a: 3, b: 3 },
      why: null,
    });
    expect(named.stdout).toContain('hypervolume');
    expect(listing(folder.path)).toEqual(before);
  });

  it.concurrent.each([
    ['1', 'demo', /a trial and a study/],
    ['1', 'demmo:2', /no study demmo.*did you mean demo/],
    ['demo:x', '1', /"demo:x".*expected a trial/],
    ['../demo:1', '1', /study name|no study/],
    ['1', '', /"".*expected a trial/],
  ])('compare %s %s is refused in one line', async (a, b, expected) => {
    using folder = made();
    const { code, stdout, stderr } = await nas(['compare', a, b, '--study', 'demo'], { cwd: folder.path });
    expect(stderr).toMatch(expected);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect([code, stdout]).toEqual([2, '']);
  });

  it.concurrent('the list of studies skips what is none, with a note', async () => {
    using folder = made();
    const at = (name: string): string => join(folder.path, 'runs', name);
    cpSync(at('demo'), at('demo (copy)'), { recursive: true });
    cpSync(at('demo'), at('beta'), { recursive: true });
    symlinkSync(at('demo'), at('link'));
    mkdirSync(at('empty'));
    writeFileSync(at('notes.txt'), '');
    const [{ code, stdout, stderr }, shown] = await Promise.all([
      nas(['studies', '--json'], { cwd: folder.path }),
      nas(['show', '1', '--study', 'beta'], { cwd: folder.path }),
    ]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as readonly { readonly study: string; readonly problem: unknown }[];
    expect(found.map(({ study, problem }) => [study, problem])).toEqual([
      ['beta', null],
      ['demo', null],
      ['other', null],
    ]);
    expect(stderr.match(/^skipped .*$/gm)).toEqual([
      expect.stringMatching(/^skipped demo \(copy\): not a name for a study \(rename the folder: .*\)$/),
      expect.stringMatching(/^skipped empty: no trials\.sqlite in it \(.*\)$/),
      expect.stringMatching(/^skipped link: a symbolic link; .*--runs\)$/),
      expect.stringMatching(/^skipped notes\.txt: not a folder \(move it elsewhere\)$/),
    ]);
    expect(shown.stdout).toContain('trial 1 of beta');
    expect(shown.stdout + shown.stderr).not.toContain('demo');
  });

  it.concurrent('the frontier with its hypervolume, as picture, rows and number', async () => {
    using folder = made();
    const options = { cwd: folder.path };
    const [picture, json, csv, number, whole] = await Promise.all([
      nas(['frontier', 'demo'], options),
      nas(['frontier', 'demo', '--json'], options),
      nas(['frontier', 'demo', '--csv'], options),
      nas(['frontier', 'demo', '--hypervolume'], options),
      nas(['frontier', 'demo', '--hypervolume', '--json'], options),
    ]);
    // 0.6 at 1 ms, 0.7 at 2, 0.8 at 3, from 8 ms and 0.1: (7·0.5 + 6·0.1 + 5·0.1) / (8·0.9)
    const share = 4.6 / 7.2;
    expect(picture.stdout).toContain(`hypervolume ${share.toFixed(4)}, of the box from 8 ms and 10.00 %`);
    expect(picture.stdout).toContain('all trials on the frontier differ in latency');
    expect(JSON.parse(json.stdout)).toMatchObject(
      [1, 2, 3].map((trial) => ({ trial, indistinguishable: [] })),
    );
    expect(csv.stdout).toMatch(/^trial,.*,indistinguishable\r\n1,/);
    expect(Number(number.stdout)).toBeCloseTo(share, 12);
    expect(JSON.parse(whole.stdout)).toMatchObject({ referenceMs: 8, referenceAccuracy: 0.1 });
  });

  it.concurrent('prune drops weights that no trial of the frontier has', async () => {
    using folder = made();
    const options = { cwd: folder.path };
    const checkpoints = join(folder.path, 'runs/demo/checkpoints');
    writeFileSync(join(checkpoints, 'trial-4.weights'), 'x'.repeat(2048));
    const dry = await nas(['prune', 'demo', '--dry-run'], options);
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^demo: would drop 1 checkpoint, 2 KiB\n/) as string,
    });
    expect(readdirSync(checkpoints)).toHaveLength(2);
    const done = await nas(['prune', 'demo', '--json'], options);
    expect(JSON.parse(done.stdout)).toMatchObject({
      dropped: { files: 1, bytes: 2048 },
      kept: { files: 1 },
      reasons: { frontier: 1 },
    });
    expect(readdirSync(checkpoints)).toEqual(['trial-1.weights']);
    expect((await nas(['prune', 'demo'], options)).stdout).toMatch(
      /^demo: nothing to drop\nkept 1 checkpoint,/,
    );
  });

  it.concurrent.each([
    ['export', ['export', '1', '--study', 'demo', '--format', 'tfjs']],
    ['netadapt refine', ['netadapt', 'refine', '1', '--study', 'demo', '--target-latency', '0.5ms']],
  ])('%s of what prune dropped says that, and how to get it back', async (_, args) => {
    using folder = made();
    const home = join(folder.path, 'runs/demo');
    {
      using store = openStudy(home);
      store.note('pruned', { at: Date.UTC(2026, 0, 2), files: ['trial-1.weights'] });
    }
    rmSync(join(home, 'checkpoints/trial-1.weights'));
    const { code, stderr } = await nas(args, { cwd: folder.path });
    expect(stderr).toMatch(
      /^error: the weights of trial 1 were dropped by nas prune on 2026-01-02.*nas retrain 1 --study demo.*NAS_WEIGHTS_PRUNED/,
    );
    expect(code).toBe(2);
  });

  it.concurrent('prune is refused while the study is written', async () => {
    using folder = made();
    using _store = openStudy(join(folder.path, 'runs/demo'));
    const { code, stderr } = await nas(['prune', 'demo'], { cwd: folder.path });
    expect(stderr).toMatch(new RegExp(`process ${process.pid}`));
    expect(code).toBe(2);
  });

  it.concurrent('replay says what it cannot do, before it starts anything', async () => {
    using folder = made();
    const { code, stderr } = await nas(['replay', '5', '--study', 'demo'], { cwd: folder.path });
    expect(stderr).toMatch(/^error: trial 5 is running; expected a trial that ended/);
    expect(code).toBe(2);
  });

  it.concurrent('the family of a trial as picture, table and rows', async () => {
    using folder = made();
    {
      using store = openStudy(join(folder.path, 'runs/demo'));
      const { text, params, madds, outcome } = store.trial(1)!;
      const fields = { genome: null, text, params, madds, seed: '1/netadapt/1' };
      const note = { step: 1, targetMs: 0.8, dimension: 'expansion:2', from: 64, to: 56 };
      const [step] = store.begin([{ kind: 'netadapt', parent: 1, ...fields, note }], null);
      store.finish(step!.id, outcome!, null, null);
    }
    const options = { cwd: folder.path };
    const [drawn, json, missing] = await Promise.all([
      nas(['family', '1', '--study', 'demo'], options),
      nas(['family', '6', '--study', 'demo', '--json'], options),
      nas(['family', '77', '--study', 'demo'], options),
    ]);
    expect(drawn.stdout).toMatch(/^accuracy\n/);
    expect(drawn.stdout).toMatch(/▸ +1 +– +– +60\.00 % .*\n +6 +1 +1 +60\.00 % .*of block 2: 64 → 56/);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { trial: 1, parent: null, step: null, checkpoint: 'trial-1.weights' },
      { trial: 6, parent: 1, step: 1, latencyLowMs: 1, change: 'expansion of block 2: 64 → 56 channels' },
    ]);
    expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('no trial 77') as string });
  });

  it.concurrent('show names lineage, choices and blocks in JSON too', async () => {
    using folder = made();
    const { stdout } = await nas(['show', '1', '--study', 'demo', '--json'], { cwd: folder.path });
    const shown = JSON.parse(stdout) as {
      choices: Record<string, string>;
      blocks: unknown[];
      genome: number[];
    };
    expect(shown).toMatchObject({ trial: 1, parents: [], children: [] });
    expect(Object.keys(shown.choices)).toHaveLength(shown.genome.length);
    expect(shown.blocks.length).toBeGreaterThan(5);
  });
});
