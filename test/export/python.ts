import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where `node scripts/interop.mjs` puts Python and the runtimes; NAS_INTEROP_PYTHON names another one. */
const OWN = fileURLToPath(new URL('../../.interop/bin/python', import.meta.url));
export const python = process.env['NAS_INTEROP_PYTHON'] ?? OWN;
/** TensorFlow may live in an environment of its own. */
const tensorflow = process.env['NAS_INTEROP_TENSORFLOW'] ?? python;
/** As it was before a test set what its own TensorFlow reads. */
const env = { ...process.env };
const scriptOf = (name: string) => fileURLToPath(new URL(`${name}.py`, import.meta.url));

export type Runtime = 'ort' | 'cv2';
type Library = Runtime | 'torch' | 'ultralytics' | 'tensorflow';
const MODULES = {
  ort: 'onnxruntime',
  cv2: 'cv2',
  torch: 'torch, safetensors',
  ultralytics: 'ultralytics, safetensors, onnx, onnxruntime, cloudpickle',
  tensorflow: 'tensorflow',
} as const;
const pythonOf = (library: Library) => (library === 'tensorflow' ? tensorflow : python);

export interface Job {
  readonly model: string;
  readonly input: string;
  readonly shape: readonly number[];
}

/** What is missing to run a library; undefined where it is there. */
export function missing(library: Library): string | undefined {
  const program = pythonOf(library);
  if (!existsSync(program)) return 'no Python with the runtimes: node scripts/interop.mjs makes one';
  const module = MODULES[library];
  const { status } = spawnSync(program, ['-c', `import numpy, ${module}`]);
  if (status === 0) return undefined;
  const large = library === 'torch' || library === 'tensorflow' || library === 'ultralytics';
  return `${program} has no ${module}: ${large ? 'npm run test:interop' : 'node scripts/interop.mjs'} installs it`;
}

/** First outputs of the files, in order. */
export function runPython(
  runtime: Runtime,
  listing: string,
): { readonly version: string; readonly outputs: readonly (readonly number[])[] } {
  return runLibrary(runtime, 'interop', [runtime, listing]) as ReturnType<typeof runPython>;
}

/** What a folder with a PyTorch export does in PyTorch; see interop-torch.py. */
export interface TorchResult {
  readonly logits: readonly number[];
  readonly params: number;
  /** Shapes of the feature maps, [N, C, H, W]. */
  readonly maps: readonly (readonly number[])[];
  readonly channels: readonly number[];
  readonly strides: readonly number[];
  /** Largest difference of an output to that of the plain module. */
  readonly scripted: number;
  readonly exported: number;
  readonly larger: readonly number[];
  /** Names of the modules of batch normalisation. */
  readonly norms: readonly string[];
  readonly classes: readonly string[];
  readonly metadata: unknown;
  readonly trained: { readonly losses: readonly number[]; readonly without: readonly string[] };
  readonly fresh: number;
  readonly few: readonly number[];
}

export function runTorch(listing: string): {
  readonly version: string;
  readonly results: readonly TorchResult[];
} {
  return runLibrary('torch', 'interop-torch', [listing]) as ReturnType<typeof runTorch>;
}

/** What a script that prints `RESULT` and JSON in its last line found. */
export function runScript(script: URL, words: readonly string[]): unknown {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr } = spawnSync(python, [fileURLToPath(script), ...words], options);
  const found = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (status === 0 && found !== undefined) return JSON.parse(found);
  throw new Error(`${words[0]}: ${stderr.slice(-2000)}`);
}

/** What a `.keras` file does in Keras; see interop-tensorflow.py. */
export interface KerasResult {
  readonly logits: readonly number[];
  readonly params: number;
  readonly losses: readonly number[];
  readonly layers: readonly string[];
}

/** Logits of SavedModels, and what `.keras` files do, in order. */
export function runTensorflow(
  listing: string,
): ReturnType<typeof runPython> & { readonly keras: string; readonly models: readonly KerasResult[] } {
  return runLibrary('tensorflow', 'interop-tensorflow', [listing]) as ReturnType<typeof runTensorflow>;
}

function runLibrary(library: Library, script: string, words: readonly string[]): unknown {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 28, env } as const;
  const { status, stdout, stderr } = spawnSync(pythonOf(library), [scriptOf(script), ...words], options);
  if (status !== 0) throw new Error(`${script}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}
