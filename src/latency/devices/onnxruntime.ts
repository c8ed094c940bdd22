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
  /** Networks in whole numbers of 8 bits, kernels by channel; none of their layers stays in float. @default false */
  readonly int8?: boolean;
}

/**
 * ONNX Runtime on this machine's processor, all graph optimisations on.
 * @throws NasError `NAS_NO_ONNXRUNTIME`
 */
export async function onnxruntimeDevice(options: OnnxruntimeDeviceOptions): Promise<Device> {
  const { batch, threads, onnx, int8 = false } = options;
  const info = {
    backend: 'onnxruntime',
    device: 'cpu',
    name: cpus()[0]?.model.trim() ?? 'CPU',
    threads,
    versions: { onnxruntime: await onnxruntimeVersion() },
  } as const;
  return {
    fingerprint: fingerprintOf(int8 ? 'onnxruntime:int8' : 'onnxruntime', info, batch),
    leastBurst: 1,
    open: (runnable) => openOnnx(onnx(runnable, batch, int8), { threads }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
