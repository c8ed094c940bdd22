import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  readInstallation,
  setupTensorflow,
  type SetupOptions,
  type Verification,
} from '../../src/backends/tensorflow/setup/index.js';
import { pinnedVersion, WHEEL_PINS } from '../../src/backends/tensorflow/setup/pins.js';
import { TENSORFLOW_VERSION } from '../../src/backends/tensorflow/setup/wheels.js';
import { fakePrograms, program, temporary, type Fakes } from './fakes.js';

const verify = (): Promise<Verification> => Promise.resolve({ version: '2.21.0', gpu: false, loadMs: 1 });

function options(fakes: Fakes, directory: string): SetupOptions {
  return { flavour: 'cpu', directory, env: fakes.env, pins: fakes.pins, verify };
}

describe('set-up with fake programs', () => {
  it('lays out what the backend loads, and nothing else', async () => {
    const directory = temporary();
    const stages = new Set<string>();
    const result = await setupTensorflow({
      ...options(fakePrograms(), directory),
      onProgress: ({ stage }) => stages.add(stage),
    });
    expect(result.status).toBe('installed');
    expect([...stages]).toEqual(['check', 'download', 'unpack', 'build', 'verify']);
    const place = join(directory, 'cpu');
    expect(readdirSync(place).sort()).toEqual(['include', 'lib', 'manifest.json', 'tfjs_binding.node']);
    expect(readFileSync(join(place, 'lib/libtensorflow_cc.so.2'), 'utf8')).toBe('cc');
    expect(existsSync(join(place, 'include/tensorflow/c/c_api.h'))).toBe(true);
    expect(existsSync(join(place, 'include/tensorflow/core/kernels'))).toBe(false);
    expect(result.installation.manifest.versions).toEqual({
      tensorflow: '2.21.0',
      'tfjs-node-gpu': '4.22.0',
    });
    expect(readdirSync(directory).sort()).toEqual(['cpu', 'setup.log']);
  });

  it('fetches nothing the second time', async () => {
    const directory = temporary();
    await setupTensorflow(options(fakePrograms(), directory));
    const result = await setupTensorflow({ ...options(fakePrograms(), directory), env: { PATH: '' } });
    expect(result.status).toBe('ready');
  });

  it('keeps the wheel and leaves nothing in place when the build fails, then resumes', async () => {
    const fakes = fakePrograms();
    const directory = temporary();
    program(join(fakes.bin, 'make'), 'echo "fatal error: no such header" >&2; exit 2');
    await expect(setupTensorflow(options(fakes, directory))).rejects.toMatchObject({
      code: 'NAS_SETUP_BUILD',
    });
    expect(existsSync(join(directory, 'cpu'))).toBe(false);
    expect(readFileSync(join(directory, 'setup.log'), 'utf8')).toContain('no such header');

    program(join(fakes.bin, 'make'), 'mkdir -p lib && echo binding > lib/tfjs_binding.node');
    expect((await setupTensorflow(options(fakes, directory))).status).toBe('installed');
    expect(fakes.downloads()).toBe(1);
  });

  it('uses nothing of a wheel that is another than the known one, and downloads it again', async () => {
    const fakes = fakePrograms();
    const directory = temporary();
    const name = Object.keys(fakes.pins).find((file) => file.startsWith('tensorflow_cpu')) ?? '';
    const wrong = { ...options(fakes, directory), pins: { ...fakes.pins, [name]: 'f'.repeat(64) } };
    await expect(setupTensorflow(wrong)).rejects.toMatchObject({
      code: 'NAS_SETUP_HASH',
      found: `${name} with SHA-256 ${fakes.pins[name]}`,
      expected: 'f'.repeat(64),
    });
    await expect(setupTensorflow({ ...wrong, pins: {} })).rejects.toMatchObject({ code: 'NAS_SETUP_HASH' });
    expect(existsSync(join(directory, 'cpu'))).toBe(false);
    expect(existsSync(join(directory, 'work-cpu/stage/lib'))).toBe(false);
    expect(fakes.downloads()).toBe(2);
    expect((await setupTensorflow(options(fakes, directory))).status).toBe('installed');
    expect(fakes.downloads()).toBe(3);
  });

  it('does not trust a wheel that was left lying there', async () => {
    const fakes = fakePrograms();
    const directory = temporary();
    const name = Object.keys(fakes.pins).find((file) => file.startsWith('tensorflow_cpu')) ?? '';
    mkdirSync(join(directory, 'work-cpu/wheels'), { recursive: true });
    writeFileSync(join(directory, 'work-cpu/wheels', name), 'another file');
    await expect(setupTensorflow(options(fakes, directory))).rejects.toMatchObject({
      code: 'NAS_SETUP_HASH',
    });
    expect((await setupTensorflow(options(fakes, directory))).status).toBe('installed');
  });

  it('knows every wheel by a version and a SHA-256', () => {
    expect(Object.keys(WHEEL_PINS).filter((name) => name.startsWith('nvidia_'))).toHaveLength(12);
    for (const [name, hash] of Object.entries(WHEEL_PINS)) {
      expect(name).toMatch(/^[a-z0-9_]+-[\d.]+-.*x86_64\.whl$/);
      expect(hash).toMatch(/^[0-9a-f]{64}$/);
    }
    for (const project of ['tensorflow', 'tensorflow-cpu'])
      expect(pinnedVersion(project, WHEEL_PINS)).toBe(TENSORFLOW_VERSION);
  });

  it('puts nothing in place that does not compute', async () => {
    const directory = temporary();
    // The fake binding is a text file, which the real verification cannot load.
    const { verify: _verify, ...real } = options(fakePrograms(), directory);
    await expect(setupTensorflow(real)).rejects.toMatchObject({ code: 'NAS_SETUP_VERIFY' });
    expect(readInstallation(directory, 'cpu')).toBeUndefined();
  });

  it('ends its programs when it is stopped, and can be run again', async () => {
    const fakes = fakePrograms();
    const directory = temporary();
    program(join(fakes.bin, 'make'), 'sleep 600');
    const stop = new AbortController();
    const stopped = setupTensorflow({
      ...options(fakes, directory),
      signal: stop.signal,
      onProgress: ({ stage }) => {
        if (stage === 'build') setTimeout(() => stop.abort(), 50);
      },
    });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    program(join(fakes.bin, 'make'), 'mkdir -p lib && echo binding > lib/tfjs_binding.node');
    expect((await setupTensorflow(options(fakes, directory))).status).toBe('installed');
  });

  it('works once when asked twice at the same time', async () => {
    const fakes = fakePrograms();
    const directory = temporary();
    const results = await Promise.all([1, 2].map(() => setupTensorflow(options(fakes, directory))));
    expect(results.map(({ status }) => status).sort()).toEqual(['installed', 'ready']);
    expect(fakes.downloads()).toBe(1);
  });
});

describe('readInstallation', () => {
  it('sees that a file was cut short, that the release is another, that the manifest is not JSON', async () => {
    const directory = temporary();
    const { installation } = await setupTensorflow(options(fakePrograms(), directory));
    const manifest = join(directory, 'cpu/manifest.json');
    const text = readFileSync(manifest, 'utf8');
    expect(readInstallation(directory, 'cpu')?.binding).toBe(installation.binding);
    expect(readInstallation(directory, 'gpu')).toBeUndefined();
    for (const wrong of [text.replace('"2.21.0"', '"2.20.0"'), '{', 'null', '{"layout":1}']) {
      writeFileSync(manifest, wrong);
      expect(readInstallation(directory, 'cpu')).toBeUndefined();
    }
    writeFileSync(manifest, text);
    expect(readInstallation(directory, 'cpu')).toBeDefined();
    writeFileSync(join(directory, 'cpu/lib/libtensorflow_cc.so.2'), 'c');
    expect(readInstallation(directory, 'cpu')).toBeUndefined();
  });
});
