import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { NasError } from '../../../core/index.js';
import { wheelVersion } from './unpack.js';

/** SHA-256 of each wheel that a set-up may use, by its file name. */
export type WheelPins = Readonly<Record<string, string>>;

/** As PyPI lists them. The NVIDIA wheels are the latest in the ranges of TensorFlow's own metadata. */
export const WHEEL_PINS: WheelPins = Object.freeze({
  'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl':
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl':
    '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl':
    'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  'nvidia_cuda_cupti_cu12-12.8.90-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
  'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl':
    '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl':
    '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl':
    '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl':
    '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl':
    '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl':
    '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl':
    'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl':
    'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
});

/** The version of a project that is pinned. @throws NasError `NAS_SETUP_HASH` where none is */
export function pinnedVersion(project: string, pins: WheelPins): string {
  const prefix = `${project.replaceAll('-', '_')}-`;
  const file = Object.keys(pins).find((name) => name.startsWith(prefix));
  if (file !== undefined) return wheelVersion(file);
  throw new NasError({
    code: 'NAS_SETUP_HASH',
    found: `TensorFlow's wheel asks for ${project.slice(0, 80)}, which is not among the known wheels`,
    fix: 'use the package index of PyPI or a mirror of it, and run the same command again',
  });
}

/**
 * Compares a wheel with what is known of it, before anything of it is unpacked. A wrong one is removed, so that the next
 * set-up downloads it again.
 * @throws NasError `NAS_SETUP_HASH`
 */
export async function checkWheel(wheel: string, pins: WheelPins): Promise<void> {
  const name = basename(wheel);
  const expected = Object.hasOwn(pins, name) ? pins[name] : undefined;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(wheel) as AsyncIterable<Buffer>) hash.update(chunk);
  const found = hash.digest('hex');
  if (found === expected) return;
  await rm(wheel, { force: true });
  throw new NasError({
    code: 'NAS_SETUP_HASH',
    found: `${name} with SHA-256 ${found}`,
    expected: expected === undefined ? `one of the ${Object.keys(pins).length} known wheels` : expected,
    fix: 'it was removed and nothing of it was used: run the same command again; if it comes again, use another package index (PIP_INDEX_URL)',
  });
}
