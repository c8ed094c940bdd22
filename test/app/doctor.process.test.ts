import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAnswer } from '../../src/app/doctor/answer.js';
import { doctor, type DoctorCheck } from '../../src/app/doctor/doctor.js';
import { places } from '../../src/app/environment.js';
import { readInstallation } from '../../src/backends/index.js';
import { packageRoot } from '../../src/core/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nas-doctor-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const by = (checks: readonly DoctorCheck[], name: string) => checks.find((check) => check.name === name);

describe('doctor', () => {
  it('says what is not there, and how to fix it', async () => {
    const empty = { runs: join(folder, 'a/b'), data: join(folder, 'data'), tensorflow: join(folder, 'tf') };
    const seen: DoctorCheck[] = [];
    const options = {
      places: empty,
      env: { PATH: folder },
      threads: 1,
      onCheck: (c: DoctorCheck) => seen.push(c),
    };
    const checks = await doctor(options);
    expect(seen).toEqual(checks);
    expect(by(checks, 'TensorFlow')).toMatchObject({ state: 'fail', fix: 'npx nas setup' });
    expect(by(checks, 'compiler')).toMatchObject({ state: 'fail', found: 'no C++ compiler' });
    expect(by(checks, 'Python')?.fix).toContain('apt-get install -y python3 python3-pip');
    expect(by(checks, 'data: fashion-mnist')).toMatchObject({
      state: 'warn',
      fix: 'npx nas data get fashion-mnist',
    });
    expect(by(checks, 'training')).toBeUndefined();
    expect(by(checks, 'disk')?.found).toContain(empty.runs);
  });

  it('turns what a check throws into a check that fails', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const checks = await doctor({
      places: { runs: folder, data: folder, tensorflow: join(file, 'below') },
      env: {},
      threads: 1,
    });
    expect(by(checks, 'TensorFlow')?.state).toBe('fail');
  });

  it('trains one step and times one network', async (ctx) => {
    const { tensorflow } = places();
    if (!readInstallation(tensorflow, 'cpu')) ctx.skip('TensorFlow (cpu) is not set up');
    if (!existsSync(join(packageRoot(), 'dist/app/doctor/probe.js'))) ctx.skip('dist/ is not built');
    const data = join(folder, 'data');
    const checks = await doctor({
      ...{ places: { runs: folder, data, tensorflow }, env: process.env, threads: 1 },
      ...{ flavour: 'cpu' as const, root: folder },
    });
    expect(by(checks, 'TensorFlow')?.found).toContain('TensorFlow 2.21.0 on the CPU');
    expect(by(checks, 'NVIDIA card')).toBeUndefined();
    expect(by(checks, 'training')).toMatchObject({ state: 'ok' });
    expect(by(checks, 'latency: tensorflow')?.found).toMatch(/^[\d.]+ ms on the CPU \(95 %: .* \d+ runs\)$/);
  }, 120_000);
});

describe('parseAnswer', () => {
  it('takes the last line, a reason, or says that there was none', () => {
    expect(parseAnswer('noise\n{"problem":"no library"}\n')).toEqual({ problem: 'no library' });
    for (const text of ['', 'Segmentation fault', '{"device":"cpu"}', '[]'])
      expect(parseAnswer(text)).toEqual({ problem: 'the process ended without an answer' });
  });
});
