import type * as OnnxruntimeBinding from 'onnxruntime-node/dist/binding.js';
import type * as OnnxruntimeNode from 'onnxruntime-node';
import { messageOf, NasError, requireNative } from '../../core/index.js';

/**
 * What ONNX Runtime reads from the environment when it is loaded. Without this, 1.30 keeps an identifier and events in the
 * user's cache folder, writes logs into the temporary one and sends them out. To be set on a process before it starts
 * where a worker thread loads it; the main thread's own environment serves as well.
 */
export const ONNXRUNTIME_ENVIRONMENT = Object.freeze({ ORT_DISABLE_TELEMETRY: '1' });

/** What is used of onnxruntime-node. */
export interface Onnxruntime {
  readonly version: string;
  load(
    bytes: Uint8Array,
    options: OnnxruntimeNode.InferenceSession.SessionOptions,
  ): OnnxruntimeBinding.Binding.InferenceSession;
  tensor(values: Float32Array | Uint8Array, shape: readonly number[]): OnnxruntimeNode.Tensor;
}

/**
 * Loads the add-on. Its own sessions are used, not the package's `InferenceSession`: that one runs in a later turn of
 * the event loop, so that what else happens there would be timed with it, and adds 2 to 6 µs to each run.
 * The package is pinned to one version.
 * @throws NasError `NAS_NO_ONNXRUNTIME` when it does not load
 */
// eslint-disable-next-line @typescript-eslint/require-await -- a failure is a rejection for all who load it
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  Object.assign(process.env, ONNXRUNTIME_ENVIRONMENT);
  try {
    const { env, Tensor } = requireNative('onnxruntime-node') as typeof OnnxruntimeNode;
    const { binding, initOrt } = requireNative(
      'onnxruntime-node',
      'dist/binding.js',
    ) as typeof OnnxruntimeBinding;
    env.logLevel = 'error';
    initOrt();
    return {
      version: env.versions.node ?? env.versions.common,
      load(bytes, options) {
        const session = new binding.InferenceSession();
        session.loadModel(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength, options);
        return session;
      },
      tensor: (values, shape) =>
        values instanceof Float32Array
          ? new Tensor('float32', values, shape)
          : new Tensor('uint8', values, shape),
    };
  } catch (cause) {
    throw new NasError({
      code: 'NAS_NO_ONNXRUNTIME',
      found: `ONNX Runtime does not load: ${messageOf(cause)}`,
      expected: 'the package onnxruntime-node, for Linux with glibc, x64 or arm64',
      fix: 'run: npx nas setup',
      cause,
    });
  }
}

/** Version of ONNX Runtime, e.g. `1.30.0`. @throws NasError `NAS_NO_ONNXRUNTIME` */
export async function onnxruntimeVersion(): Promise<string> {
  return (await loadOnnxruntime()).version;
}
