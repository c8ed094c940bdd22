import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTensorflowBackend, tensorflowEnvironment, type Backend } from '../../src/backends/index.js';

export const directory = fileURLToPath(new URL('../../.tensorflow', import.meta.url));
export const isSetUp = existsSync(join(directory, 'cpu', 'tfjs_binding.node'));
export const REASON = 'TensorFlow is not set up here: run npx nas setup';

/** To be called before anything loads TensorFlow in this process. */
export function prepare(threads: number): { readonly folder: string; make(): Promise<Backend> } {
  Object.assign(process.env, tensorflowEnvironment({ flavour: 'cpu', threads, deterministic: true }));
  const folder = mkdtempSync(join(tmpdir(), 'nas-test-'));
  return {
    folder,
    make: () => createTensorflowBackend({ directory, flavour: 'cpu', threads, temporaryFolder: folder }),
  };
}
