import type { Backend, InferenceProgram } from '../backends/index.js';
import { fingerprintOf } from './fingerprint.js';
import { timeInterleaved } from './interleave.js';
import type { Platform } from './platform.js';

export interface TensorflowPlatformOptions {
  /** Pictures per run, usually 1. */
  readonly batch: number;
  /** Batch normalisation's epsilon, folded into the kernels. */
  readonly epsilon: number;
}

/**
 * The platform `tensorflow`: each network compiled into one inference graph of the backend that trains.
 * The backend stays the caller's; closing the platform does not close it.
 */
export function tensorflowPlatform(backend: Backend, options: TensorflowPlatformOptions): Platform {
  const { batch, epsilon } = options;
  return {
    name: 'tensorflow',
    fingerprint: fingerprintOf('tensorflow', backend.info, batch),
    async time(networks, protocol, { stop, quiet }) {
      const programs: InferenceProgram[] = [];
      try {
        for (const { network, weights } of networks) {
          if (stop()) return null;
          programs.push(backend.compileInference(network, weights, { batch, epsilon }));
        }
        return await quiet(() => timeInterleaved(programs, protocol, stop));
      } finally {
        for (const program of programs) program.dispose();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
