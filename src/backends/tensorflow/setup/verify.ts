import { NasError } from '../../../core/index.js';
import { dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { cudaEnvironment } from '../environment.js';
import { runProgram, type Environment } from '../../../process/index.js';

/** What the loaded binding says about itself. */
export interface Verification {
  readonly version: string;
  readonly gpu: boolean;
  /** From the start of the process to the result, in ms. */
  readonly loadMs: number;
}

/**
 * Without any one of these TensorFlow passes a card over (TensorFlow, `TryDlopenCUDALibraries`). None of them needs a
 * driver to be opened.
 */
const CUDA_LIBRARIES = [
  ...['libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcufft.so.11'],
  ...['libcusolver.so.11', 'libcusparse.so.12', 'libcudnn.so.9', 'libcudnn_cnn.so.9', 'libnccl.so.2'],
];

/** Prints why a library cannot be opened by its name alone. That one is no module of Node is no reason. */
const OPEN = `
const problems = [];
for (const name of process.argv.slice(1)) {
  try {
    process.dlopen({ exports: {} }, name);
  } catch (error) {
    if (!/did not self-register/.test(error.message)) problems.push(error.message);
  }
}
console.log(JSON.stringify(problems));
`;

/** Multiplies two matrices through the binding: [[1,2],[3,4]]·[[5,6],[7,8]] = [[19,22],[43,50]]. */
const PROGRAM = `
const begun = process.hrtime.bigint();
const binding = require(process.argv[1]);
const attribute = (name, type, value) => ({ name, type, value });
const a = binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array([1, 2, 3, 4]));
const b = binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array([5, 6, 7, 8]));
const [c] = binding.executeOp('MatMul', [
  attribute('transpose_a', binding.TF_ATTR_BOOL, false),
  attribute('transpose_b', binding.TF_ATTR_BOOL, false),
  attribute('T', binding.TF_ATTR_TYPE, binding.TF_FLOAT),
], [a, b], 1);
const product = Array.from(binding.tensorDataSync(c.id));
const loadMs = Number(process.hrtime.bigint() - begun) / 1e6;
console.log(JSON.stringify({ product, version: binding.TF_Version, gpu: binding.isUsingGpuDevice(), loadMs }));
`;

export interface VerifyOptions {
  readonly env: Environment;
  readonly log?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads a binding in a child process and computes something with it; a crash there stays there.
 * @throws NasError `NAS_SETUP_VERIFY`
 */
export async function verifyInstallation(binding: string, options: VerifyOptions): Promise<Verification> {
  const place = dirname(binding);
  const cuda = existsSync(join(place, 'nvidia'));
  const env = {
    TF_CPP_MIN_LOG_LEVEL: '2',
    ...options.env,
    ...(cuda ? cudaEnvironment(place, options.env) : {}),
  };
  if (cuda) await openLibraries(place, { ...options, env });
  const result = await runProgram(process.execPath, ['-e', PROGRAM, binding], {
    ...options,
    env,
    timeoutMs: 120_000,
  });
  const answer = parseAnswer(result.stdout);
  if (result.code === 0 && answer?.product.join() === '19,22,43,50') return answer;
  const reason = /(Error: .*|.*cannot open shared object.*|.*GLIBC.*)/.exec(result.stderr)?.[1];
  const status = result.code === null ? 'it crashed' : `exit status ${result.code}`;
  throw new NasError({
    code: 'NAS_SETUP_VERIFY',
    found: `the TensorFlow binding does not compute (${reason ?? status})`,
    fix: `rm -r ${place} and run the set-up again`,
  });
}

/**
 * Whether CUDA's libraries and all that they need are found as TensorFlow will look for them.
 * @throws NasError `NAS_SETUP_VERIFY` that names the first one which is not
 */
async function openLibraries(place: string, options: VerifyOptions): Promise<void> {
  const result = await runProgram(process.execPath, ['-e', OPEN, ...CUDA_LIBRARIES], {
    ...options,
    timeoutMs: 120_000,
  });
  const [problem] = parseProblems(result.stdout);
  if (problem === undefined) return;
  throw new NasError({
    code: 'NAS_SETUP_VERIFY',
    found: `a library of CUDA does not open (${problem.slice(0, 200)})`,
    fix: problem.startsWith('libz.so')
      ? 'install zlib (Debian: zlib1g, Fedora: zlib) and run the set-up again'
      : `rm -r ${place} and run the set-up again`,
  });
}

function parseProblems(stdout: string): readonly string[] {
  const text = stdout.trim().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(text) as string[];
  } catch {
    return ['the process that opens them ended without an answer'];
  }
}

function parseAnswer(stdout: string): (Verification & { readonly product: readonly number[] }) | undefined {
  try {
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Verification & { product: number[] };
  } catch {
    return undefined;
  }
}
