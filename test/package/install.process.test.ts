import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedPackage } from './installed.js';

const { folder, home, npx } = installedPackage();

describe('the packed package, installed in an empty folder', { timeout: 600_000 }, () => {
  it('has nothing that only a clone needs, and runs no install script of a native package', () => {
    const installed = join(home, 'node_modules/platform-nas');
    expect(readdirSync(installed).sort()).toEqual([
      'LICENSE',
      'README.md',
      'dist',
      'docs',
      'package.json',
      'schemas',
    ]);
    expect(readdirSync(join(installed, 'dist')).filter((name) => name.startsWith('.'))).toEqual([]);
    for (const name of ['better-sqlite3', 'onnxruntime-node', '@tensorflow/tfjs-node-gpu', 'vitest'])
      expect(existsSync(join(home, 'node_modules', name))).toBe(false);
  });

  it('describes networks and spaces before anything is set up; what needs more names the command', async () => {
    const nothing = join(folder, 'nothing');
    const [arch, space, help, studies] = await Promise.all([
      npx(['nas', 'arch', 'mobilenet_v3_small'], nothing),
      npx(['nas', 'space', 'mobilenetv3', '--input', '32x32x3', '--classes', '10'], nothing),
      npx(['netadapt', '--help'], nothing),
      npx(['nas', 'search', '--data', 'fashion-mnist', '--target-latency', '1ms', '--time', '1m'], nothing),
    ]);
    expect(arch).toMatchObject({ code: 0, stderr: '' });
    expect(arch.stdout).toContain('2.54M parameters (2542856)');
    expect(space).toMatchObject({ code: 0 });
    expect(help).toMatchObject({ code: 0 });
    expect(studies.code).toBe(2);
    expect(studies.stderr.trim().split('\n').at(-1)).toMatch(
      /^error: .*fix: nas setup --backend tensorflow \[NAS_TENSORFLOW_MISSING\]$/,
    );
  });
});
