// The Python that has onnxruntime: NAS_BENCH_PYTHON where it is set, else a virtual environment made here once.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = fileURLToPath(new URL('../.venv', import.meta.url));

/** Path of a Python that imports that version of onnxruntime. Making the environment downloads it once. */
export function onnxruntimePython(version, log) {
  const given = process.env.NAS_BENCH_PYTHON;
  if (given) {
    if (has(given, version)) return given;
    throw new Error(`NAS_BENCH_PYTHON has no onnxruntime ${version}; leave it unset to have one made`);
  }
  const python = join(home, 'bin', 'python');
  if (existsSync(python) && has(python, version)) return python;
  log(`onnxruntime ${version} for Python is fetched once, into bench/latency/.venv`);
  rmSync(home, { recursive: true, force: true });
  execFileSync('python3', ['-m', 'venv', home], { stdio: ['ignore', 'ignore', 'inherit'] });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `onnxruntime==${version}`];
  execFileSync(python, pip, { stdio: ['ignore', 'ignore', 'inherit'] });
  return python;
}

function has(python, version) {
  const { stdout } = spawnSync(python, ['-c', 'import onnxruntime; print(onnxruntime.__version__)'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return stdout?.trim() === version;
}
