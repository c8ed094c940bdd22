import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findMissing, missingError } from '../../src/backends/tensorflow/setup/index.js';
import { fakePrograms, program, temporary } from './fakes.js';

const LINUX = { platform: 'linux', arch: 'x64', node: '20.19.0', glibc: '2.27' };

describe('prerequisites', () => {
  it('are all there with the fake programs', async () => {
    const { env } = fakePrograms();
    expect(await findMissing({ env, directory: temporary(), diskBytes: 1, machine: LINUX })).toEqual([]);
  });

  it('are reported in one error with one command', async () => {
    const { env, bin } = fakePrograms();
    for (const name of ['python3', 'g++', 'make']) rmSync(join(bin, name));
    const missing = await findMissing({ env, directory: temporary(), diskBytes: 1, machine: LINUX });
    expect(missing.map(({ code }) => code)).toEqual([
      'NAS_SETUP_PYTHON',
      'NAS_SETUP_COMPILER',
      'NAS_SETUP_MAKE',
    ]);
    const apt = await missingError(missing, env);
    expect(apt.message).toContain('no python3, no C++ compiler, no make');
    expect(apt.fix).toMatch(/apt-get install -y python3 python3-pip g\+\+ make$/);
    program(join(bin, 'dnf'), 'exit 0');
    expect((await missingError(missing, env)).fix).toMatch(
      /dnf install -y python3 python3-pip gcc-c\+\+ make$/,
    );
  });

  it.each([
    ['exit 127', 'NAS_SETUP_PYTHON', 'a python3 that fails'],
    ['echo 3.7', 'NAS_SETUP_PYTHON', 'Python 3.7'],
    ['[ "$1" = -m ] && exit 1; echo 3.12', 'NAS_SETUP_PIP', 'a python3 without pip'],
  ])('python3 that does `%s`', async (script, code, found) => {
    const { env, bin } = fakePrograms();
    program(join(bin, 'python3'), script);
    const missing = await findMissing({ env, directory: temporary(), diskBytes: 1, machine: LINUX });
    expect(missing).toMatchObject([{ code, found }]);
  });

  it.each([
    [{ ...LINUX, platform: 'darwin' }, 'NAS_SETUP_PLATFORM', 'darwin on x64'],
    [{ ...LINUX, arch: 'arm64' }, 'NAS_SETUP_PLATFORM', 'linux on arm64'],
    [{ ...LINUX, node: '20.18.9' }, 'NAS_SETUP_NODE', 'Node 20.18.9'],
    [{ ...LINUX, glibc: undefined }, 'NAS_SETUP_PLATFORM', 'a Linux without glibc'],
    [{ ...LINUX, glibc: '2.26' }, 'NAS_SETUP_PLATFORM', 'glibc 2.26'],
  ])('machine %o', async (machine, code, found) => {
    const missing = await findMissing({ env: { PATH: '' }, directory: temporary(), diskBytes: 1, machine });
    expect(missing).toMatchObject([{ code, found }]);
  });

  it('see a disk that is too small and a folder that cannot be', async () => {
    const { env } = fakePrograms();
    const directory = temporary();
    const full = await findMissing({ env, directory, diskBytes: 2 ** 60, machine: LINUX });
    expect(full).toMatchObject([
      { code: 'NAS_SETUP_DISK', expected: expect.stringContaining('1048576 TiB') as string },
    ]);
    writeFileSync(join(directory, 'file'), '');
    const below = join(directory, 'file/below');
    const folder = await findMissing({ env, directory: below, diskBytes: 1, machine: LINUX });
    expect(folder).toMatchObject([{ code: 'NAS_SETUP_FOLDER' }]);
  });
});
