import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Where `node scripts/interop.mjs` puts Python and the runtimes; NAS_INTEROP_PYTHON names another one. */
const OWN = fileURLToPath(new URL('../../.interop/bin/python', import.meta.url));
const python = process.env['NAS_INTEROP_PYTHON'] ?? OWN;
const SCRIPT = fileURLToPath(new URL('interop.py', import.meta.url));

export type Runtime = 'ort' | 'cv2';
const MODULES = { ort: 'onnxruntime', cv2: 'cv2' } as const;

export interface Job {
  readonly model: string;
  readonly input: string;
  readonly shape: readonly number[];
}

/** What is missing to run a runtime; undefined where it is there. */
export function missing(runtime: Runtime): string | undefined {
  if (!existsSync(python)) return 'no Python with the runtimes: node scripts/interop.mjs makes one';
  const module = MODULES[runtime];
  const { status } = spawnSync(python, ['-c', `import numpy, ${module}`]);
  return status === 0 ? undefined : `${python} has no ${module}: node scripts/interop.mjs installs it`;
}

/** First outputs of the files, in order. */
export function runPython(
  runtime: Runtime,
  listing: string,
): { readonly version: string; readonly outputs: readonly (readonly number[])[] } {
  const { status, stdout, stderr } = spawnSync(python, [SCRIPT, runtime, listing], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`${runtime}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout) as ReturnType<typeof runPython>;
}
