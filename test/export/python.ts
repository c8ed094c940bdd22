import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where `node scripts/interop.mjs` puts Python and the runtimes; NAS_INTEROP_PYTHON names another one. */
const OWN = fileURLToPath(new URL('../../.interop/bin/python', import.meta.url));
export const python = process.env['NAS_INTEROP_PYTHON'] ?? OWN;
const scriptOf = (runtime: Runtime | 'torch') =>
  fileURLToPath(new URL(runtime === 'torch' ? 'interop-torch.py' : 'interop.py', import.meta.url));

export type Runtime = 'ort' | 'cv2';
const MODULES = {
  ort: 'onnxruntime',
  cv2: 'cv2',
  torch: 'torch, safetensors',
  ultralytics: 'ultralytics, safetensors, onnx, onnxruntime, cloudpickle',
} as const;

export interface Job {
  readonly model: string;
  readonly input: string;
  readonly shape: readonly number[];
}

/** What is missing to run a runtime; undefined where it is there. */
export function missing(runtime: keyof typeof MODULES): string | undefined {
  if (!existsSync(python)) return 'no Python with the runtimes: node scripts/interop.mjs makes one';
  const module = MODULES[runtime];
  const { status } = spawnSync(python, ['-c', `import numpy, ${module}`]);
  if (status === 0) return undefined;
  const large = runtime === 'torch' || runtime === 'ultralytics';
  return `${python} has no ${module}: ${large ? 'npm run test:interop' : 'node scripts/interop.mjs'} installs it`;
}

/** First outputs of the files, in order. */
export function runPython(
  runtime: Runtime,
  listing: string,
): { readonly version: string; readonly outputs: readonly (readonly number[])[] } {
  return python3(scriptOf(runtime), [runtime, listing]) as ReturnType<typeof runPython>;
}

/** What a folder with a PyTorch export does in PyTorch; see interop-torch.py. */
export interface TorchResult {
  readonly logits: readonly number[];
  readonly params: number;
  /** Shapes of the feature maps, [N, C, H, W]. */
  readonly maps: readonly (readonly number[])[];
  readonly channels: readonly number[];
  readonly strides: readonly number[];
  /** Largest difference of an output to that of the module as it is. */
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
  return python3(scriptOf('torch'), [listing]) as ReturnType<typeof runTorch>;
}

/** What a script that prints `RESULT` and JSON in its last line found. */
export function runScript(script: URL, words: readonly string[]): unknown {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr } = spawnSync(python, [fileURLToPath(script), ...words], options);
  const found = /^RESULT (.*)$/m.exec(stdout)?.[1];
  if (status === 0 && found !== undefined) return JSON.parse(found);
  throw new Error(`${words[0]}: ${stderr.slice(-2000)}`);
}

function python3(script: string, words: readonly string[]): unknown {
  const options = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr } = spawnSync(python, [script, ...words], options);
  if (status !== 0) throw new Error(`${words[0]}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}
