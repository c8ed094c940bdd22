import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { presetNames } from '../../src/space/index.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'scripts/example.mjs');

function run(...args: string[]): {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    encoding: 'utf8',
    cwd: root,
  });
  return { code: status, stdout, stderr };
}

describe('an example', { timeout: 60_000 }, () => {
  it('is tested here, each of them', () => {
    const programs = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ts'));
    expect(programs.sort()).toEqual([
      'count-multiply-adds.ts',
      'search-on-your-own-objective.ts',
      'time-a-network.ts',
    ]);
  });

  it('counts multiply-adds as the papers do', () => {
    const { code, stdout } = run('count-multiply-adds');
    expect(code).toBe(0);
    const rows = stdout.trim().split('\n');
    expect(rows.map((row) => row.split(' ')[0])).toEqual([...presetNames]);
    // Published: MobileNetV3 table 3, MobileNetV2 table 4, MobileNet table 8.
    const published = {
      mobilenet_v3_large: 219,
      mobilenet_v3_small: 56,
      mobilenet_v2: 300,
      mobilenet_v1: 569,
    };
    for (const [name, madds] of Object.entries(published)) {
      const [, count = '', fits] = new RegExp(`^${name} +(\\d+) M .* M  (.*)$`, 'm').exec(stdout) ?? [];
      expect(Math.abs(Number(count) - madds) / madds, name).toBeLessThan(0.06);
      expect(fits, name).toBe(madds <= 230 ? 'fits' : 'too large');
    }
  });

  it('searches on its own objective, and keeps within the target', () => {
    const { code, stdout } = run('search-on-your-own-objective');
    expect(code).toBe(0);
    const [, accuracy, latency] = /^(0\.\d{4}) at (\d+\.\d\d) ms\nnas1:32x32x3 /m.exec(stdout) ?? [];
    expect(stdout).toMatch(/^30 candidates evaluated/);
    expect(Number(accuracy)).toBeGreaterThan(0.8);
    expect(Number(latency)).toBeLessThanOrEqual(4);
  });

  it('times a network on TensorFlow', (context) => {
    if (!existsSync(join(root, '.tensorflow/cpu/tfjs_binding.node')))
      context.skip('no TensorFlow: npx nas setup');
    const { code, stdout } = run('time-a-network', 'mobilenet_v3_small', '32');
    expect(code).toBe(0);
    const numbers = /^mobilenet_v3_small at 32: ([\d.]+) ms \(95 % ([\d.]+)–([\d.]+), (\d+) runs\)\n$/.exec(
      stdout,
    );
    const [median = 0, low = 0, high = 0, runs = 0] = numbers?.slice(1).map(Number) ?? [];
    expect(low).toBeGreaterThan(0);
    expect(median).toBeGreaterThanOrEqual(low);
    expect(high).toBeGreaterThanOrEqual(median);
    expect(runs).toBeGreaterThanOrEqual(10);
  });

  it('that there is not is reported with those there are', () => {
    const { code, stderr } = run('nix');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^no example "nix"; expected one of count-multiply-adds, [^\n]*\n$/);
  });
});
