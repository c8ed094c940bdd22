import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expandHome, NasError } from '../../core/index.js';
import type { Artifact } from '../../export/index.js';
import { findProgram, runProgram } from '../../process/index.js';
import { temporaryFolder } from '../temporary.js';

/** Loading PyTorch or TensorFlow alone takes half a minute on a busy machine. */
const TIMEOUT_MS = 300_000;

export interface PythonJob {
  /** What it imports, such as `torch`. */
  readonly modules: readonly string[];
  /**
   * Runs in the folder of the exported files with `images`, a list of float32 numbers, and `shape`, and leaves the logits in
   * `logits`, a flat list.
   */
  readonly script: string;
  readonly artifacts: readonly Artifact[];
  readonly input: Float32Array;
  readonly shape: readonly number[];
}

export type PythonRun = { readonly logits: Float32Array } | { readonly lacking: string };

/**
 * Runs exported files in the library that they are for, by the Python that `NAS_PYTHON` names, else `python3`. Where that one
 * lacks the library, says so.
 * @throws NasError `NAS_GRAPH_RUN` where the library is there and refuses the files
 */
export async function runInPython({
  modules,
  script,
  artifacts,
  input,
  shape,
}: PythonJob): Promise<PythonRun> {
  const { env } = process;
  const named = env['NAS_PYTHON'];
  const python =
    named === undefined || named === '' ? await findProgram(['python3'], env) : expandHome(named);
  const lacking = { lacking: `no Python with ${modules.join(' and ')} found` };
  if (python === undefined) return lacking;
  const settings = {
    env: { ...env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '-1' },
    timeoutMs: TIMEOUT_MS,
  };
  const known = await runProgram(python, ['-c', `import ${modules.join(', ')}`], settings);
  if (known.code !== 0) return lacking;
  const folder = temporaryFolder('export');
  try {
    for (const { path, bytes } of artifacts) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    writeFileSync(join(folder, INPUT), new Uint8Array(input.buffer, input.byteOffset, input.byteLength));
    const source = `${READ(shape)}\n${script}\n${WRITE}`;
    const run = await runProgram(python, ['-c', source], { ...settings, cwd: folder });
    if (run.code !== 0) throw notRun(run.stderr);
    const bytes = readFileSync(join(folder, OUTPUT));
    return { logits: new Float32Array(Uint8Array.from(bytes).buffer) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [INPUT, OUTPUT] = ['input.f32', 'logits.f32'];

const READ = (shape: readonly number[]) => `from array import array
images = array("f")
with open("${INPUT}", "rb") as file:
    images.frombytes(file.read())
shape = [${shape.join(', ')}]`;

const WRITE = `with open("${OUTPUT}", "wb") as file:
    array("f", logits).tofile(file)`;

function notRun(stderr: string): NasError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new NasError({
    code: 'NAS_GRAPH_RUN',
    found: `the network could not be run: ${last.slice(0, 400)}`,
    fix: 'NAS_PYTHON names another Python; --no-verify writes without running',
  });
}
