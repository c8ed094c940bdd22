import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { relocate } from '../../src/backends/tensorflow/setup/binding.js';
import { downloadWheels } from '../../src/backends/tensorflow/setup/download.js';
import { NVIDIA_RULES, readMetadata, unpackWheel } from '../../src/backends/tensorflow/setup/unpack.js';
import { requirementsOfExtra } from '../../src/backends/tensorflow/setup/wheels.js';
import { fakePrograms, program, temporary, wheel } from './fakes.js';

describe('requirementsOfExtra', () => {
  it('takes the lines of that extra only, with their versions', () => {
    const metadata = [
      'Requires-Dist: absl-py>=1.0.0',
      'Requires-Dist: keras>=3.12.0',
      'Provides-Extra: and-cuda',
      'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
      "Requires-Dist: nvidia-nccl-cu12 (<3.0,>=2.27.7) ; extra == 'and-cuda'",
      'Requires-Dist: tensorflow-io>=0.23; (sys_platform != "win32") and extra == "gcs-filesystem"',
    ].join('\n');
    expect(requirementsOfExtra(metadata, 'and-cuda')).toEqual([
      'nvidia-cublas-cu12<13.0,>=12.5.3.2',
      'nvidia-nccl-cu12<3.0,>=2.27.7',
    ]);
  });
});

describe('downloadWheels', () => {
  it.each([
    ['Failed to establish a new connection: [Errno 111] Connection refused', 'NAS_SETUP_NETWORK'],
    ['Temporary failure in name resolution', 'NAS_SETUP_NETWORK'],
    ['SSLError(SSLCertVerificationError(1, CERTIFICATE_VERIFY_FAILED))', 'NAS_SETUP_CERTIFICATE'],
    ['OSError: [Errno 28] No space left on device', 'NAS_SETUP_DISK'],
    ['ERROR: No matching distribution found for tensorflow-cpu==2.21.0', 'NAS_SETUP_WHEEL'],
  ])('says what pip means by %s', async (stderr, code) => {
    const { env, bin } = fakePrograms();
    const directory = join(temporary(), 'wheels');
    program(join(bin, 'python3'), `echo '${stderr}' >&2; exit 1`);
    const log = join(temporary(), 'log');
    const download = downloadWheels(['a==1'], { env, directory, log, onBytes: () => undefined });
    await expect(download).rejects.toMatchObject({ code, name: 'NasError' });
  });
});

describe('unpackWheel', () => {
  it('leaves out headers of the NVIDIA wheels', async () => {
    const folder = temporary();
    const file = join(folder, 'a.whl');
    wheel(file, { 'nvidia/a/lib/liba.so.12': 'a', 'nvidia/a/include/a.h': 'h', 'other/b': 'b' });
    await unpackWheel(file, folder, NVIDIA_RULES, { env: fakePrograms().env, log: join(folder, 'log') });
    expect(existsSync(join(folder, 'nvidia/a/lib/liba.so.12'))).toBe(true);
    expect(readdirSync(join(folder, 'nvidia/a'))).toEqual(['lib']);
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });

  it('refuses a member that would leave the folder, and a file that is no wheel', async () => {
    const folder = temporary();
    const options = { env: fakePrograms().env, log: join(folder, 'log') };
    const file = join(folder, 'a.whl');
    wheel(file, { 'nvidia/../../evil': 'x' });
    const target = join(folder, 'target/inner');
    await expect(unpackWheel(file, target, NVIDIA_RULES, options)).rejects.toMatchObject({
      code: 'NAS_SETUP_WHEEL',
    });
    expect(existsSync(join(folder, 'target/evil'))).toBe(false);
    await expect(readMetadata(join(folder, 'log'), options)).rejects.toMatchObject({
      code: 'NAS_SETUP_WHEEL',
    });
  });
});

describe('relocate', () => {
  it('makes the binding look next to itself, dollar signs kept', () => {
    expect(relocate(String.raw`'-Wl,-rpath,\$$ORIGIN/../../deps/lib',`)).toBe(
      String.raw`'-Wl,-rpath,\$$ORIGIN/lib',`,
    );
    expect(() => relocate('another file')).toThrow(TypeError);
  });
});
