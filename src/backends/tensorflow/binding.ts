import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf, NasError } from '../../core/index.js';

export interface TensorInfo {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** The functions of tfjs-node-gpu's native module that are used here. All are synchronous. */
export interface Binding {
  createTensor(shape: number[], dtype: number, values: Float32Array | Int32Array | Uint8Array): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(id: number): void;
  /** Names are `node:output`, joined by commas. */
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): TensorInfo[];
  isUsingGpuDevice(): boolean;
  getNumOfTensors(): number;
  getNumOfSavedModels(): number;
  readonly TF_Version: string;
}

/**
 * Loads the native module of an installation; the libraries next to it come with it.
 * @throws NasError `NAS_TENSORFLOW_MISSING` when there is none or it does not load
 */
export function loadBinding(directory: string): Binding {
  try {
    return createRequire(import.meta.url)(join(directory, 'tfjs_binding.node')) as Binding;
  } catch (cause) {
    throw new NasError({
      code: 'NAS_TENSORFLOW_MISSING',
      found: isAbsent(cause)
        ? 'TensorFlow is not set up'
        : `TensorFlow does not load: ${messageOf(cause).slice(0, 200)}`,
      fix: 'run: npx nas setup',
      cause,
    });
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
}
