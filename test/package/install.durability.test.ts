import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writePictures } from '../app/pictures.js';
import { TINY_SPACE } from '../cli/studies.js';
import { installedPackage, installInto, preparedFolder, runIn } from './installed.js';

const installed = installedPackage();
const { folder, home, npx } = installed;

describe('the packed package, installed in an empty folder', { timeout: 600_000 }, () => {
  it('sets up, checks itself and searches without a step by hand', async (ctx) => {
    const setup = preparedFolder(join(folder, 'setup'));
    if (setup === undefined) return ctx.skip('TensorFlow (cpu) is not set up');
    const first = await npx(['nas', 'setup'], setup);
    expect(first).toMatchObject({ code: 0, stdout: `set up in ${setup}\n` });
    expect(first.stderr).toContain('packages: done');
    expect(await npx(['nas', 'setup'], setup)).toMatchObject({
      stdout: `everything is set up in ${setup}\n`,
    });

    const checks = JSON.parse((await npx(['nas', 'doctor', '--json'], setup)).stdout) as {
      readonly name: string;
      readonly state: string;
    }[];
    for (const name of ['database', 'pictures', 'ONNX Runtime', 'TensorFlow', 'training'])
      expect(checks).toContainEqual(expect.objectContaining({ name, state: 'ok' }));

    await writePictures(join(home, 'pictures'), 8, 20);
    writeFileSync(join(home, 'tiny.yaml'), TINY_SPACE);
    const search = await npx(
      [
        ...['nas', 'search', '--study', 'tiny', '--data', 'images:pictures', '--size', '8', '--batch', '4'],
        ...['--space', 'tiny.yaml', '--trials', '1', '--steps', '3', '--target-latency', '500ms'],
        ...['--time', '5m'],
      ],
      setup,
    );
    expect(search).toMatchObject({ code: 0 });
    const out = await npx(['nas', 'export', '--best', '--study', 'tiny', '--format', 'onnx'], setup);
    expect(out).toMatchObject({ code: 0 });
    expect(out.stdout).toMatch(/model\.onnx/);
  });
});

describe('a package outside this repository', { timeout: 300_000 }, () => {
  it('holds the strategy contract against a strategy of its own', async () => {
    const outside = join(folder, 'outside');
    await installInto(outside, [installed.archive, 'vitest@4.1.12']);
    mkdirSync(join(outside, 'test'));
    writeFileSync(join(outside, 'test/own.test.ts'), OWN_STRATEGY);
    const run = await runIn(outside, 'npx', ['--no', 'vitest', 'run']);
    expect(run.stderr).toBe('');
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toMatch(/1 skipped/);
    // A strategy that breaks its promise fails.
    writeFileSync(join(outside, 'test/own.test.ts'), OWN_STRATEGY.replace('=> length;', '=> length + 1;'));
    expect((await runIn(outside, 'npx', ['--no', 'vitest', 'run'])).code).toBe(1);
  });
});

const OWN_STRATEGY = `
import { searchSpace, type Rng, type Strategy } from 'platform-nas';
import { describeStrategy } from 'platform-nas/testing';

const space = searchSpace('mobilenetv3', { input: [32, 32, 3], classes: 10 });
const lengthOf = (length: number) => length;
const make = (): Strategy => ({
  name: 'own',
  ask: (count, _pending, rng: Rng) =>
    Array.from({ length: lengthOf(count) }, () => ({ genome: space.sample(rng), note: null })),
  tell: () => undefined,
  save: () => ({ strategy: 'own', version: 1 }),
});
describeStrategy('own', { space, make }, {
  skip: [{ test: 'survives extreme rewards', reason: 'it learns nothing' }],
});
`;
