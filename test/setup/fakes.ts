import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Environment } from '../../src/backends/tensorflow/setup/index.js';

const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], {
  encoding: 'utf8',
}).trim();

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nas-setup-'));
  made.push(folder);
  return folder;
}

/** Writes an executable shell script. */
export function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

/** A wheel with these members, made by Python's own zipfile. */
export function wheel(path: string, members: Readonly<Record<string, string>>): void {
  const code =
    'import json, sys, zipfile\n' +
    'with zipfile.ZipFile(sys.argv[1], "w") as z:\n' +
    '    [z.writestr(n, t) for n, t in json.loads(sys.argv[2]).items()]';
  execFileSync(PYTHON, ['-c', code, path, JSON.stringify(members)]);
}

export interface Fakes {
  readonly env: Environment;
  /** The folder on PATH, to change programs in. */
  readonly bin: string;
  /** SHA-256 of what pip hands out. */
  readonly pins: Readonly<Record<string, string>>;
  /** How often pip was asked to download. */
  downloads(): number;
}

const TENSORFLOW = {
  'tensorflow/libtensorflow_cc.so.2': 'cc',
  'tensorflow/libtensorflow_framework.so.2': 'framework',
  'tensorflow/include/tensorflow/c/c_api.h': '// c',
  'tensorflow/include/tensorflow/core/kernels/big.h': '// not of the C interface',
  'tensorflow/python/huge.so': 'not wanted',
};

/** What the fake index offers: project, file and members. */
const WHEELS: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
  [
    'tensorflow-cpu',
    'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    { ...TENSORFLOW, 'tensorflow_cpu-2.21.0.dist-info/METADATA': 'Name: tensorflow-cpu\n\ntext' },
  ],
  [
    'tensorflow',
    'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    {
      ...TENSORFLOW,
      'tensorflow-2.21.0.dist-info/METADATA': [
        'Name: tensorflow',
        'Requires-Dist: absl-py>=1.0.0',
        'Requires-Dist: nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
        'Requires-Dist: nvidia-cuda-nvcc-cu12<13.0,>=12.5.82; extra == "and-cuda"',
        '',
        'text',
      ].join('\n'),
    },
  ],
  [
    'nvidia-cudnn-cu12',
    'nvidia_cudnn_cu12-9.3.0.75-py3-none-manylinux2014_x86_64.whl',
    {
      'nvidia/__init__.py': '',
      'nvidia/cudnn/lib/libcudnn.so.9': 'no library',
      'nvidia/cudnn/include/cudnn.h': '// not needed',
    },
  ],
  [
    'nvidia-cuda-nvcc-cu12',
    'nvidia_cuda_nvcc_cu12-12.5.82-py3-none-manylinux2014_x86_64.whl',
    {
      'nvidia/cuda_nvcc/bin/ptxas': 'ptxas',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc': 'libdevice',
    },
  ],
];

const TOOLS = ['sh', 'cp', 'mkdir', 'sleep', 'echo', 'cat', 'uname'];

/**
 * A PATH on which pip hands out a small wheel and make writes a small binding, so that the set-up runs in a second
 * and without a network. Python's interpreter is the real one: it unpacks.
 */
export function fakePrograms(): Fakes {
  const root = temporary();
  const bin = join(root, 'bin');
  mkdirSync(bin);
  for (const name of TOOLS) {
    const place = ['/bin', '/usr/bin'].map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (place !== undefined) program(join(bin, name), `exec ${place} "$@"`);
  }
  const index = join(root, 'index');
  const pins: Record<string, string> = {};
  for (const [project, name, members] of WHEELS) {
    mkdirSync(join(index, project), { recursive: true });
    wheel(join(index, project, name), members);
    pins[name] = createHash('sha256')
      .update(readFileSync(join(index, project, name)))
      .digest('hex');
  }
  const calls = join(root, 'calls');
  program(
    join(bin, 'python3'),
    `if [ "$1 $2" = "-m pip" ]; then
  [ "$3" = --version ] && exit 0
  echo "$*" >> ${calls}
  while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest="$2"; project="\${1%%[<>=]*}"; shift; done
  cp ${index}/"$project"/*.whl "$dest/"
  exit 0
fi
exec ${PYTHON} "$@"`,
  );
  for (const name of ['g++', 'gcc']) program(join(bin, name), 'exit 0');
  program(join(bin, 'make'), 'mkdir -p lib && echo binding > lib/tfjs_binding.node');
  return {
    env: { PATH: bin, HOME: root },
    bin,
    pins,
    downloads: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n').length : 0),
  };
}
