import { describe, expect, it } from 'vitest';
import { gpuChecks } from '../../src/app/doctor/tensorflow.js';
import type { DoctorCheck } from '../../src/app/doctor/doctor.js';
import type { CardReport } from '../../src/backends/index.js';
import { expectGolden } from '../golden.js';

const CARD: CardReport = {
  present: true,
  driver: '550.54.14',
  cards: ['NVIDIA GeForce RTX 4090, 24564 MiB'],
  problem: undefined,
};
const NONE: CardReport = {
  present: false,
  driver: undefined,
  cards: [],
  problem: { found: 'no NVIDIA card', fix: 'use a machine or container that has one' },
};
const OLD: CardReport = {
  ...CARD,
  driver: '470.82.01',
  problem: { found: "NVIDIA's driver 470.82.01, which is too old for CUDA 12", fix: 'install a newer one' },
};

const answer = (device: 'cpu' | 'gpu') => ({
  device,
  name: device,
  versions: { tensorflow: '2.21.0' },
  loadMs: 400,
  stepMs: 12.5,
  loss: 2.3,
  latency: [{ platform: 'tensorflow', medianMs: 0.8, lowMs: 0.79, highMs: 0.82, runs: 400 }],
});

/** As TensorFlow prints it for the eager context and for a session. */
const CREATED = [
  'I0000 00:00:1.2 3 gpu_device.cc:2040] Created device /job:localhost/replica:0/task:0/device:GPU:0 with 21770 MB memory:  -> device: 0, name: NVIDIA GeForce RTX 4090, pci bus id: 0000:01:00.0, compute capability: 8.9',
  'I0000 00:00:1.3 3 gpu_device.cc:2040] Created device /device:GPU:0 with 21770 MB memory:  -> device: 0, name: NVIDIA GeForce RTX 4090, pci bus id: 0000:01:00.0, compute capability: 8.9',
].join('\n');
const NO_INIT =
  'E0000 00:00:1.2 3 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: Failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected\n';
const NO_LIBRARY =
  'W0000 00:00:1.2 3 gpu_device.cc:2431] Cannot dlopen some GPU libraries. Please make sure the missing libraries mentioned above are installed\n';

const TOO_OLD =
  'I0000 00:00:1.2 3 gpu_device.cc:2359] Ignoring visible gpu device (device: 0, name: Tesla K80) with Cuda compute capability 3.7. The minimum required Cuda capability is 6.0.\n';

const options = {
  places: { runs: '/w/runs', data: '/w/.data', tensorflow: '/w/.tensorflow' },
  env: {} as Record<string, string>,
  threads: 2,
};

const text = (checks: readonly DoctorCheck[]): string =>
  checks
    .map(
      ({ name, state, found, fix }) =>
        `${state} ${name}: ${found}${fix === undefined ? '' : `\n  fix: ${fix}`}`,
    )
    .join('\n');

describe('doctor for an NVIDIA card', () => {
  it('says what is used, what is missing and the fix', () => {
    const cases: readonly [string, Parameters<typeof gpuChecks>][] = [
      ['a card in use', [{ answer: answer('gpu'), words: CREATED }, CARD, true, options]],
      ['no card', [{ answer: answer('cpu'), words: NO_INIT }, NONE, true, options]],
      ['no card, the CPU allowed', [{ answer: answer('cpu'), words: NO_INIT }, NONE, false, options]],
      ['a driver that is too old', [{ answer: answer('cpu'), words: NO_INIT }, OLD, true, options]],
      [
        'a card that TensorFlow cannot begin',
        [{ answer: answer('cpu'), words: NO_INIT }, CARD, true, options],
      ],
      ['libraries that are not found', [{ answer: answer('cpu'), words: NO_LIBRARY }, CARD, true, options]],
      ['a card too old', [{ answer: answer('cpu'), words: TOO_OLD }, CARD, true, options]],
      ['a process that dies', [{ answer: { problem: 'the process ended' }, words: '' }, CARD, true, options]],
    ];
    const all = cases.map(([name, given]) => `# ${name}\n${text(gpuChecks(...given))}`).join('\n\n');
    expectGolden('app/golden/doctor-gpu.txt', all);
  });

  it('fails where a card is needed, and only warns where the CPU may do', () => {
    const states = (needed: boolean, env: Record<string, string>): string[] =>
      gpuChecks({ answer: answer('cpu'), words: '' }, NONE, needed, { ...options, env }).map((c) => c.state);
    expect(states(true, {})).toEqual(['fail', 'fail', 'ok', 'ok']);
    expect(states(true, { NAS_GPU: 'optional' })).toEqual(['warn', 'warn', 'ok', 'ok']);
    expect(states(false, {})).toEqual(['warn', 'warn', 'ok', 'ok']);
  });

  it('believes TensorFlow more than the files', () => {
    const checks = gpuChecks({ answer: answer('gpu'), words: CREATED }, OLD, true, options);
    expect(checks.map((check) => check.state)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });
});
