import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tensorflowEnvironment } from '../../src/backends/index.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'nas-test-'));
  const nvidia = join(directory, 'gpu/nvidia');
  for (const folder of ['cudnn/lib', 'cusolver/lib', 'cuda_nvcc/bin'])
    mkdirSync(join(nvidia, folder), { recursive: true });
  writeFileSync(join(nvidia, '__init__.py'), '');
});
afterEach(() => rmSync(directory, { recursive: true }));

const made = (outer: Record<string, string | undefined> = {}, deterministic = false, where = directory) =>
  tensorflowEnvironment({ flavour: 'gpu', threads: 3, cores: 2, deterministic, directory: where, outer });

describe("the environment of an NVIDIA card's host", () => {
  it('names each folder of libraries, the tools and the flags, and nothing else', () => {
    const nvidia = join(directory, 'gpu/nvidia');
    expect(made()).toEqual({
      MALLOC_ARENA_MAX: '2',
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_ENABLE_ONEDNN_OPTS: '1',
      TF_NUM_INTRAOP_THREADS: '3',
      TF_NUM_INTEROP_THREADS: '2',
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
      LD_LIBRARY_PATH: `${nvidia}/cudnn/lib:${nvidia}/cusolver/lib`,
      PATH: `${nvidia}/cuda_nvcc/bin`,
      XLA_FLAGS: `--xla_gpu_cuda_data_dir=${nvidia}/cuda_nvcc`,
      TF_XLA_FLAGS: '--tf_xla_auto_jit=2',
    });
  });

  it("keeps the user's own paths and flags behind ours, and their choice of cards", () => {
    const outer = {
      PATH: '/bin',
      LD_LIBRARY_PATH: '/opt/cuda-11/lib',
      XLA_FLAGS: '--xla_dump_to=/tmp/x',
      TF_XLA_FLAGS: '--tf_xla_min_cluster_size=8',
      CUDA_VISIBLE_DEVICES: '1',
    };
    const own = made(outer);
    expect(own['LD_LIBRARY_PATH']).toMatch(/cusolver\/lib:\/opt\/cuda-11\/lib$/);
    expect(own['PATH']).toMatch(/cuda_nvcc\/bin:\/bin$/);
    expect(own['XLA_FLAGS']).toMatch(/cuda_nvcc --xla_dump_to=\/tmp\/x$/);
    expect(own['TF_XLA_FLAGS']).toBe('--tf_xla_auto_jit=2 --tf_xla_min_cluster_size=8');
    expect(own).not.toHaveProperty('CUDA_VISIBLE_DEVICES');
  });

  it('leaves XLA off where it was switched off, and where equal weights are asked for', () => {
    expect(made({ NAS_XLA: 'off' })).not.toHaveProperty('TF_XLA_FLAGS');
    expect(made({}, true)).toMatchObject({ TF_DETERMINISTIC_OPS: '1' });
    expect(made({}, true)).not.toHaveProperty('TF_XLA_FLAGS');
    expect(made({ NAS_XLA: '' })).toHaveProperty('TF_XLA_FLAGS');
    expect(() => made({ NAS_XLA: 'no' })).toThrow(/NAS_XLA is "no"; expected auto or off/);
  });

  it('gives XLA no flag that it would read as two', () => {
    expect(made({}, false, '/a folder')['XLA_FLAGS']).toBe('');
  });

  it('leaves the CPU flavour alone and hides cards from it', () => {
    const own = tensorflowEnvironment({ flavour: 'cpu', threads: 1, deterministic: false });
    expect(own).toMatchObject({ CUDA_VISIBLE_DEVICES: '-1' });
    for (const name of ['LD_LIBRARY_PATH', 'PATH', 'XLA_FLAGS', 'TF_XLA_FLAGS', 'TF_FORCE_GPU_ALLOW_GROWTH'])
      expect(own).not.toHaveProperty(name);
  });
});
