import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setupPackages } from '../../src/app/setup/packages.js';
import { setUp, type SetupPart } from '../../src/app/setup/setup.js';
import { databaseReady } from '../../src/app/setup/database.js';
import { setupFolder } from '../../src/core/index.js';
import { fakePrograms, program, temporary } from './fakes.js';

describe('the whole set-up', () => {
  it.each([
    ['darwin', 'arm64'],
    ['linux', 'arm64'],
    ['win32', 'x64'],
  ])('says in one line that TensorFlow is not there for %s on %s', async (platform, arch) => {
    const directory = temporary();
    if (existsSync(join(setupFolder(), 'database')))
      symlinkSync(join(setupFolder(), 'database'), join(directory, 'database'));
    const { env } = fakePrograms();
    const steps: SetupPart[] = [];
    const ready = await databaseReady(directory, env);
    const result = setUp({
      ...{ directory, env, flavour: 'cpu', signal: new AbortController().signal },
      machine: { platform, arch, node: '20.19.0', glibc: '2.36' },
      step: (part) => {
        steps.push(part);
        return Promise.resolve();
      },
    });
    await expect(result).rejects.toMatchObject({
      code: 'NAS_SETUP_PLATFORM',
      message: `${platform} on ${arch}; expected Linux on x64, for TensorFlow. fix: use a Linux x64 machine or container (on Windows: WSL 2)`,
    });
    // What works without TensorFlow is set up anyway.
    expect(steps).toEqual(ready ? [] : ['database']);
  });
});

describe('the native packages', () => {
  const options = (env: Readonly<Record<string, string | undefined>>, directory: string) => ({
    ...{ env, directory, log: join(directory, 'setup.log') },
  });

  it('are refused when they are other files than the known ones, and nothing of them stays', async () => {
    const { env, bin } = fakePrograms();
    const directory = temporary();
    program(
      join(bin, 'npm'),
      'for name in "$@"; do true; done; echo other > tensorflow-tfjs-node-gpu-4.22.0.tgz',
    );
    await expect(setupPackages(options(env, directory))).rejects.toMatchObject({ code: 'NAS_SETUP_HASH' });
    expect(readdirSync(directory)).toEqual(['setup.log']);
  });

  it.each([
    ['echo "npm error code ENOTFOUND" >&2; exit 1', 'NAS_SETUP_NETWORK'],
    ['echo "npm error ENOSPC" >&2; exit 1', 'NAS_SETUP_DISK'],
    ['exit 1', 'NAS_SETUP_NPM'],
  ])('say what is wrong where npm does `%s`', async (script, code) => {
    const { env, bin } = fakePrograms();
    program(join(bin, 'npm'), script);
    const directory = temporary();
    await expect(setupPackages(options(env, directory))).rejects.toMatchObject({ code });
  });

  it('need npm', async () => {
    const { env } = fakePrograms();
    const directory = temporary();
    writeFileSync(join(directory, 'setup.log'), '');
    await expect(setupPackages(options(env, directory))).rejects.toMatchObject({
      code: 'NAS_SETUP_NPM',
      found: 'no npm',
    });
  });
});
