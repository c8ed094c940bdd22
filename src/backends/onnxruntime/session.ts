import type { Binding } from 'onnxruntime-node/dist/binding.js';
import type { InferenceSession, OnnxValue } from 'onnxruntime-node';
import { createRunTimer, messageOf, NasError } from '../../core/index.js';
import { loadOnnxruntime, type Onnxruntime } from './binding.js';

export interface OnnxSessionOptions {
  /** Threads within an operator, from 1; operators run one after the other. */
  readonly threads: number;
  /**
   * Whether threads wait for work at full speed, as ONNX Runtime does unless configured otherwise. Where other processes want
   * the processor, that is much slower and less steady: on two busy cores with 2 threads MobileNetV3-Large at 224×224
   * took 16 to 28 ms instead of 4 to 6.5, small networks as long as without. Means nothing with 1 thread.
   * @default false
   */
  readonly spinning?: boolean;
}

/** An input or output as the file declares it; a free dimension is its name. */
export interface OnnxEnd {
  readonly name: string;
  readonly type: 'float32' | 'uint8';
  readonly shape: readonly (number | string)[];
}

/** Numbers in row-major order. */
export interface OnnxArray {
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint8Array;
}

/** An ONNX file made ready to run on this machine's processor. Calls are synchronous inside: they block the thread. */
export interface OnnxSession {
  readonly inputs: readonly OnnxEnd[];
  readonly outputs: readonly OnnxEnd[];
  /** Version of ONNX Runtime. */
  readonly version: string;
  /** Runs once; inputs and outputs by name. @throws NasError `NAS_ONNX_RUN` when inputs do not fit */
  run(inputs: Readonly<Record<string, OnnxArray>>): Promise<Readonly<Record<string, OnnxArray>>>;
  /**
   * Runs on one input of zeros, free dimensions being 1, and returns the time of each of `count` samples in ms of one run. A
   * sample is one run, or the mean of several where the clock is too coarse for one. A run's time holds about 5 µs of the
   * call itself, as measured with a network of five operators.
   */
  time(count: number): Promise<readonly number[]>;
  /** Step of the clock by the runs of a sample, ms, and those runs; known once something was timed. */
  readonly clockStepMs: number;
  readonly runsPerSample: number;
  dispose(): void;
}

/** ONNX Runtime's numbers for element types. */
const TYPES: Readonly<Partial<Record<number, OnnxEnd['type']>>> = { 1: 'float32', 2: 'uint8' };
const LOG_ERRORS = 3;

/**
 * Opens the bytes of an `.onnx` file on the processor, all graph optimisations on.
 * @throws NasError `NAS_NO_ONNXRUNTIME`, `NAS_BAD_ONNX` when it is not a file that ONNX Runtime can run here
 */
export async function openOnnx(bytes: Uint8Array, options: OnnxSessionOptions): Promise<OnnxSession> {
  const runtime = await loadOnnxruntime();
  let session: Binding.InferenceSession;
  try {
    session = runtime.load(bytes, sessionOptions(options));
  } catch (cause) {
    throw new NasError({
      code: 'NAS_BAD_ONNX',
      found: `ONNX Runtime ${runtime.version} does not open the network: ${messageOf(cause)}`,
      cause,
    });
  }
  const inputs = session.inputMetadata.map(endOf);
  const outputs = session.outputMetadata.map(endOf);
  const fetches = Object.fromEntries(outputs.map(({ name }) => [name, null]));
  const run = (feeds: Readonly<Record<string, OnnxValue>>) => session.run(feeds, fetches, {});
  const timer = createRunTimer();
  let still: Readonly<Record<string, OnnxValue>> | undefined;
  return {
    inputs,
    outputs,
    version: runtime.version,
    run(given) {
      try {
        const results = run(feedsOf(runtime, inputs, given));
        return Promise.resolve(Object.fromEntries(outputs.map(({ name }) => [name, arrayOf(results[name])])));
      } catch (cause) {
        return Promise.reject(runFailed(cause));
      }
    },
    time(count) {
      try {
        const feeds = (still ??= zeros(runtime, inputs));
        return Promise.resolve(timer.time(() => void run(feeds), count));
      } catch (cause) {
        return Promise.reject(runFailed(cause));
      }
    },
    get clockStepMs() {
      return timer.clockStepMs;
    },
    get runsPerSample() {
      return timer.runsPerSample;
    },
    dispose: () => session.dispose(),
  };
}

function sessionOptions({ threads, spinning = false }: OnnxSessionOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: LOG_ERRORS,
    extra: { session: { intra_op: { allow_spinning: spinning ? '1' : '0' } } },
  };
}

function endOf({ name, type, shape, symbolicDimensions }: Binding.ValueMetadata): OnnxEnd {
  const known = TYPES[type];
  if (known === undefined) throw new RangeError(`${name}: element type ${type}`);
  return {
    name,
    type: known,
    shape: shape.map((size, i) => (size < 0 ? (symbolicDimensions[i] ?? '') : size)),
  };
}

function feedsOf(
  runtime: Onnxruntime,
  inputs: readonly OnnxEnd[],
  given: Readonly<Record<string, OnnxArray>>,
): Record<string, OnnxValue> {
  return Object.fromEntries(
    inputs.map(({ name, type }) => {
      const array = given[name];
      if (array === undefined) throw new RangeError(`no input ${name}`);
      const found = array.values instanceof Float32Array ? 'float32' : 'uint8';
      if (found !== type) throw new RangeError(`input ${name}: ${found}, expected ${type}`);
      return [name, runtime.tensor(array.values, array.shape)];
    }),
  );
}

function zeros(runtime: Onnxruntime, inputs: readonly OnnxEnd[]): Record<string, OnnxValue> {
  return Object.fromEntries(
    inputs.map(({ name, type, shape }) => {
      const fixed = shape.map((size) => (typeof size === 'number' ? size : 1));
      const length = fixed.reduce((product, size) => product * size, 1);
      const values = type === 'float32' ? new Float32Array(length) : new Uint8Array(length);
      return [name, runtime.tensor(values, fixed)];
    }),
  );
}

function arrayOf(value: OnnxValue | undefined): OnnxArray {
  const { dims, data } = value as { dims: readonly number[]; data: Float32Array | Uint8Array };
  return { shape: [...dims], values: data };
}

function runFailed(cause: unknown): NasError {
  return new NasError({
    code: 'NAS_ONNX_RUN',
    found: `ONNX Runtime did not run the network: ${messageOf(cause)}`,
    cause,
  });
}
