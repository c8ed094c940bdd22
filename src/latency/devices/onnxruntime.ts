import { cpus } from 'node:os';
import { onnxruntimeVersion, openOnnx } from '../../backends/index.js';
import type { Device, OnnxWriter } from './device.js';
import { fingerprintOf } from '../platform/fingerprint.js';

export interface OnnxruntimeDeviceOptions {
  /** Pictures per run, usually 1. */
  readonly batch: number;
  /** Threads within an operator, from 1. */
  readonly threads: number;
  readonly onnx: OnnxWriter;
}

/**
 * ONNX Runtime on this machine's processor, all graph optimisations on.
 * @throws NasError `NAS_NO_ONNXRUNTIME`
 */
export async function onnxruntimeDevice(options: OnnxruntimeDeviceOptions): Promise<Device> {
  const { batch, threads, onnx } = options;
  const info = {
    backend: 'onnxruntime',
    device: 'cpu',
    name: cpus()[0]?.model.trim() ?? 'CPU',
    threads,
    versions: { onnxruntime: await onnxruntimeVersion() },
  } as const;
  return {
    fingerprint: fingerprintOf('onnxruntime', info, batch),
    leastBurst: 1,
    open: (runnable) => openOnnx(onnx(runnable, batch), { threads }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
