// The Python that has PyTorch: NAS_BENCH_PYTHON where it is set, else a virtual environment made here once.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TORCH = '2.15.0';
const PACKAGES = [`torch==${TORCH}`, 'numpy'];
/** PyTorch's own index of builds without CUDA: a tenth of the download. */
const CPU_INDEX = ['--index-url', 'https://download.pytorch.org/whl/cpu'];

const home = fileURLToPath(new URL('../.venv', import.meta.url));

/** Path of a Python that imports torch. Making the environment downloads PyTorch once. */
export function torchPython(log, device = 'cpu') {
  const given = process.env.NAS_BENCH_PYTHON;
  if (given) return checked(given);
  const python = join(home, 'bin', 'python');
  if (existsSync(python) && imports(python)) return python;
  log(`PyTorch ${TORCH} is fetched once, into bench/train/.venv`);
  rmSync(home, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', home], { stdio: ['ignore', 'ignore', 'inherit'] });
  const pip = (...more) =>
    spawnSync(
      python,
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--retries',
        '1',
        '--timeout',
        '20',
        ...more,
        ...PACKAGES,
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        encoding: 'utf8',
      },
    );
  const light = device === 'cpu' && pip(...CPU_INDEX).status === 0;
  if (!light) {
    const { status, stderr } = pip();
    if (status !== 0) throw new Error(`pip could not install ${PACKAGES.join(' and ')}:\n${stderr.trim()}`);
  }
  return checked(python);
}

function imports(python) {
  return spawnSync(python, ['-c', 'import numpy, torch'], { stdio: 'ignore' }).status === 0;
}

function checked(python) {
  if (imports(python)) return python;
  throw new Error('this Python cannot import torch and numpy; leave NAS_BENCH_PYTHON unset to have one made');
}

/**
 * Memory that PyTorch frees stays with the process instead of going back to the kernel and being faulted in again at
 * each step; PyTorch's tuning guide advises an allocator that does so. The same variables are kept from our side.
 */
export const TORCH_ENVIRONMENT = {
  MALLOC_MMAP_THRESHOLD_: '4294967296',
  MALLOC_TRIM_THRESHOLD_: '8589934592',
  MALLOC_TOP_PAD_: '67108864',
};
