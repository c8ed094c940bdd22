import { statSync } from 'node:fs';
import { join } from 'node:path';
import { NasError } from '../../core/index.js';
import type { Backend } from '../backend.js';
import { loadBinding } from './binding.js';
import { deviceName } from './device.js';
import type { Flavour } from './environment.js';
import { cardProblem } from './setup/index.js';
import { compileInference } from './inference.js';
import { cleanTemporary } from './temporary.js';
import { createTrainer } from './trainer.js';

export interface TensorflowOptions {
  /** Where the flavours lie, each in a folder of its name; `.tensorflow` under the package usually. */
  readonly directory: string;
  readonly flavour: Flavour;
  /** As given to `tensorflowEnvironment` of this process; reported in `info` only. */
  readonly threads: number;
  /** Graphs lie here for the moment of loading; those of processes that were killed meanwhile are removed first. */
  readonly temporaryFolder: string;
  /** Whether the `gpu` flavour may compute on the processor where it finds no card; otherwise that is an error. */
  readonly cpuAllowed?: boolean | undefined;
  /** Whether XLA was switched on for this process; reported for a card only, since it is all that XLA clusters for. */
  readonly xla?: boolean | undefined;
}

/**
 * TensorFlow through tfjs-node-gpu's native module. The environment must have been set before the process
 * started, see `tensorflowEnvironment`.
 * @throws NasError `NAS_TENSORFLOW_MISSING` when it is not set up or does not load; `NAS_NO_GPU` when the `gpu` flavour
 * finds no card and may not use the processor
 */
export async function createTensorflowBackend(options: TensorflowOptions): Promise<Backend> {
  const { flavour, threads, temporaryFolder } = options;
  const place = join(options.directory, flavour);
  if (statSync(join(place, 'tfjs_binding.node'), { throwIfNoEntry: false }) === undefined)
    throw new NasError({
      code: 'NAS_TENSORFLOW_MISSING',
      found: `TensorFlow (${flavour}) is not set up`,
      fix: flavour === 'gpu' ? 'run: npx nas setup --backend tensorflow-gpu' : 'run: npx nas setup',
    });
  const binding = loadBinding(place);
  const gpu = binding.isUsingGpuDevice();
  if (flavour === 'gpu' && !gpu && options.cpuAllowed !== true) throw noGpu();
  cleanTemporary(temporaryFolder);
  const trainer = createTrainer(binding, temporaryFolder);
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
      // A latency with XLA and one without are not compared.
      versions: { tensorflow: binding.TF_Version, ...(gpu && options.xla ? { xla: 'clusters' } : {}) },
    },
    compileTraining: (network, weights, recipe, training) =>
      kept(trainer.compile(network, weights, recipe, training)),
    compileInference: (network, weights, inference) =>
      kept(compileInference(binding, temporaryFolder, network, weights, inference)),
    [Symbol.asyncDispose]() {
      for (const program of [...programs]) program.dispose();
      trainer.dispose();
      return Promise.resolve();
    },
  });
}

function noGpu(): NasError {
  const problem = cardProblem();
  return new NasError({
    code: 'NAS_NO_GPU',
    found: `TensorFlow finds no GPU${problem === undefined ? '' : `: ${problem.found}`}`,
    fix:
      (problem === undefined ? 'nas doctor --backend tensorflow-gpu says why' : problem.fix) +
      '; to train on the CPU: --backend tensorflow, or NAS_GPU=optional to keep this backend',
  });
}
