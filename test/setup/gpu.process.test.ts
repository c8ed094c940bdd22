import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { setupTensorflow, type SetupOptions } from '../../src/backends/tensorflow/setup/index.js';
import { fakePrograms, temporary, type Fakes } from './fakes.js';

const verified = { version: '2.21.0', gpu: false, loadMs: 1 };

function options(fakes: Fakes, directory: string): SetupOptions {
  return {
    flavour: 'gpu',
    directory,
    env: fakes.env,
    pins: fakes.pins,
    verify: () => Promise.resolve(verified),
  };
}

describe('set-up for NVIDIA, with fake programs', () => {
  it('takes the wheels that TensorFlow asks for and lays them where it looks', async () => {
    const fakes = fakePrograms();
    const directory = temporary();
    const { installation, verification } = await setupTensorflow(options(fakes, directory));
    const place = join(directory, 'gpu');
    expect(readdirSync(join(place, 'nvidia')).sort()).toEqual(['__init__.py', 'cuda_nvcc', 'cudnn']);
    expect(readdirSync(join(place, 'nvidia/cudnn'))).toEqual(['lib']);
    expect(readFileSync(join(place, 'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc'), 'utf8')).toBe(
      'libdevice',
    );
    expect(existsSync(join(place, 'nvidia/cuda_nvcc/bin/ptxas'))).toBe(true);
    expect(installation.manifest).toMatchObject({
      flavour: 'gpu',
      versions: {
        tensorflow: '2.21.0',
        nvidia_cudnn_cu12: '9.3.0.75',
        nvidia_cuda_nvcc_cu12: '12.5.82',
      },
    });
    expect(verification).toEqual(verified);
    expect(fakes.downloads()).toBe(3);
    expect(readdirSync(directory).sort()).toEqual(['gpu', 'setup.log']);
  });

  it('puts nothing in place whose CUDA libraries do not open', async () => {
    const directory = temporary();
    const { verify: _verify, ...real } = options(fakePrograms(), directory);
    await expect(setupTensorflow(real)).rejects.toMatchObject({
      code: 'NAS_SETUP_VERIFY',
      message: expect.stringMatching(
        /a library of CUDA does not open \(.*lib(cud|cub|cuf|cus|nccl)/,
      ) as string,
    });
    expect(existsSync(join(directory, 'gpu'))).toBe(false);
  });

  it('refuses a folder that a search path cannot name, before it downloads', async () => {
    const fakes = fakePrograms();
    const directory = join(temporary(), 'a:b');
    await expect(setupTensorflow(options(fakes, directory))).rejects.toMatchObject({
      code: 'NAS_SETUP_FOLDER',
    });
    expect(fakes.downloads()).toBe(0);
  });
});
