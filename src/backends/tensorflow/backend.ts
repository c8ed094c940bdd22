import { statSync } from 'node:fs';
import { join } from 'node:path';
import { NasError } from '../../core/index.js';
import type { Backend } from '../backend.js';
import { loadBinding } from './binding.js';
import { deviceName } from './device.js';
import type { Flavour } from './environment.js';
import { compileInference } from './inference.js';
import { cleanTemporary } from './temporary.js';
import { compileTraining } from './training.js';

export interface TensorflowOptions {
  /** Where the flavours lie, each in a folder of its name; `.tensorflow` under the package usually. */
  readonly directory: string;
  readonly flavour: Flavour;
  /** As given to `tensorflowEnvironment` of this process; told in `info` only. */
  readonly threads: number;
  /** Graphs lie here for the moment of loading; those of processes that were killed meanwhile are removed first. */
  readonly temporaryFolder: string;
}

/**
 * TensorFlow through tfjs-node-gpu's native module. The environment must have been set before the process
 * started, see `tensorflowEnvironment`.
 * @throws NasError `NAS_TENSORFLOW_MISSING` when it is not set up or does not load
 */
export async function createTensorflowBackend(options: TensorflowOptions): Promise<Backend> {
  const { flavour, threads, temporaryFolder } = options;
  const place = join(options.directory, flavour);
  if (statSync(join(place, 'tfjs_binding.node'), { throwIfNoEntry: false }) === undefined)
    throw new NasError({
      code: 'NAS_TENSORFLOW_MISSING',
      found: `TensorFlow (${flavour}) is not set up`,
      fix: 'run: npx nas setup',
    });
  const binding = loadBinding(place);
  const gpu = binding.isUsingGpuDevice();
  cleanTemporary(temporaryFolder);
  const programs = new Set<{ dispose(): void }>();

  function kept<P extends { dispose(): void }>(program: P): P {
    const owned: P = {
      ...program,
      dispose() {
        programs.delete(owned);
        program.dispose();
      },
    };
    programs.add(owned);
    return owned;
  }

  return Promise.resolve({
    info: {
      backend: 'tensorflow',
      device: gpu ? 'gpu' : 'cpu',
      name: deviceName(gpu),
      threads,
      versions: { tensorflow: binding.TF_Version },
    },
    compileTraining: (network, weights, recipe, training) =>
      kept(compileTraining(binding, temporaryFolder, network, weights, recipe, training)),
    compileInference: (network, weights, inference) =>
      kept(compileInference(binding, temporaryFolder, network, weights, inference)),
    [Symbol.asyncDispose]() {
      for (const program of [...programs]) program.dispose();
      return Promise.resolve();
    },
  });
}
