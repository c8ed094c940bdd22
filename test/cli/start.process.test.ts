import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writePictures } from '../app/pictures.js';
import { emptyFolder, nas } from './nas.js';
import { TINY_SPACE } from './studies.js';

interface Row {
  readonly trial: number;
  readonly kind: string;
  readonly state: string;
  readonly text: string;
  readonly accuracy: number;
}

describe('nas start', { timeout: 120_000 }, () => {
  it("takes a folder of pictures and a user's space from nothing to an exported network", async () => {
    using folder = emptyFolder();
    const cwd = folder.path;
    await writePictures(join(cwd, 'pictures'), 8, 30);
    writeFileSync(join(cwd, 'tiny.yaml'), TINY_SPACE);
    const start = [
      ...['start', '--study', 'tiny', '--backend', 'reference', '--data', 'images:pictures', '--size', '8'],
      ...[
        '--space',
        'tiny.yaml',
        '--batch',
        '4',
        '--trials',
        '2',
        '--time',
        // Long enough for NetAdapt to have a share.
        '20m',
        '--steps',
        '10',
        '--final-epochs',
        '2',
      ],
      ...['--target-latency', '500ms', '--strategy', 'random', '--scaled', 'none'],
    ];
    const run = await nas(start, { cwd });
    expect({ code: run.code, said: run.code === 0 ? '' : run.stderr }).toEqual({ code: 0, said: '' });
    expect(run.stdout).toMatch(/% on the test set of images:.*pictures, .*meets the target of 500 ms/);
    const ranAgain = /exported +\S*runs\/tiny\/exports\/trial-\d+\/tfjs {2}verified: (\d) of 9 correct/.exec(
      run.stdout,
    );
    expect(run.stderr).toMatch(/netadapt: trial \d+ from/);

    const rows = JSON.parse((await nas(['trials', 'tiny', '--json'], { cwd })).stdout) as Row[];
    const final = rows.find((row) => row.kind === 'retrain');
    expect(final).toMatchObject({ state: 'done' });
    // A picture at the very edge may fall the other way.
    expect(Math.abs(Number(ranAgain?.[1]) / 9 - (final?.accuracy ?? 0))).toBeLessThan(1.5 / 9);
    expect(rows.filter((row) => row.kind === 'sample')).toHaveLength(2);
    expect(rows.some((row) => row.state === 'running')).toBe(false);

    const exports = join(cwd, `runs/tiny/exports/trial-${final?.trial}`);
    expect(readdirSync(join(exports, 'tfjs'))).toContain('model.json');
    const [json = ''] = readdirSync(join(exports, 'json'));
    const [described, again, best] = await Promise.all([
      nas(['arch', join(exports, 'json', json), '--json'], { cwd }),
      nas(start, { cwd }),
      nas(['export', '--best', '--study', 'tiny', '--format', 'tfjs', '--out', 'mine', '--no-verify'], {
        cwd,
      }),
    ]);
    expect(JSON.parse(described.stdout)).toMatchObject({ text: final?.text, input: [8, 8, 3], classes: 2 });
    // A second call finds everything done.
    expect(again).toMatchObject({ code: 0 });
    expect(JSON.parse((await nas(['trials', 'tiny', '--json'], { cwd })).stdout)).toEqual(rows);
    expect(best.stdout.trim().split('\n')).toContain('mine/model.json');
    expect(existsSync(join(cwd, 'mine/model.json'))).toBe(true);
    const bytes = (path: string): Buffer => readFileSync(join(path, 'model.json'));
    expect(bytes(join(cwd, 'mine'))).toEqual(bytes(join(exports, 'tfjs')));
  });
});
