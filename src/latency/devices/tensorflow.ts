import type { Backend } from '../../backends/index.js';
import type { Device } from './device.js';
import { fingerprintOf } from '../platform/fingerprint.js';
import { pinToOneCore, type Hold } from '../protocol/cpu-affinity.js';

export interface TensorflowDeviceOptions {
  /** Pictures per run, usually 1. */
  readonly batch: number;
  /** Batch normalisation's epsilon, folded into the kernels. */
  readonly epsilon: number;
}

/**
 * The device that trains: each network compiled into one inference graph of its backend, whose name (`tensorflow`;
 * `reference` for the plain one) is the platform's. The backend stays the caller's; closing the device does not close it.
 * TensorFlow with one thread is timed on one core.
 */
export function tensorflowDevice(
  backend: Backend,
  { batch, epsilon }: TensorflowDeviceOptions,
  pin: () => Hold | undefined = pinToOneCore,
): Device {
  const { info } = backend;
  const alone = info.backend === 'tensorflow' && info.device === 'cpu' && info.threads === 1;
  const hold = alone ? pin() : undefined;
  return {
    fingerprint: { ...fingerprintOf(info.backend, info, batch), ...(hold && { oneCore: true }) },
    hold,
    leastBurst: 1,
    open: ({ network, weights }) =>
      Promise.resolve(backend.compileInference(network, weights, { batch, epsilon })),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
