import type { Artifact } from '../exporter.js';
import { LOGITS } from './lower.js';

/** What is read of `model.json`; our own file, written a moment ago. */
interface ModelJson {
  readonly format: string;
  readonly signature: { inputs: { input: { tensorShape: { dim: { size: string }[] } } } };
  readonly modelTopology: object;
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { name: string; shape: number[]; dtype: 'float32' | 'int32' }[];
  }[];
}

export interface RunOptions {
  /**
   * Who computes: `cpu`, tfjs's JavaScript backend, shares no code with the one that trained but takes tens of
   * milliseconds a picture; any other must be registered with tfjs already (`tensorflow` where its binding is
   * loaded, enough for a whole test set).
   * @default 'cpu'
   */
  readonly backend?: string;
  /** Pictures per call. @default 32 */
  readonly batch?: number;
}

/**
 * Runs an exported TensorFlow.js model from memory through tfjs's own converter, as a user would load it. `input`:
 * count × H × W × C normalised pixels; returns count × classes logits. Leaves tfjs's current backend as it was.
 */
export async function runTfjs(
  artifacts: readonly Artifact[],
  input: Float32Array,
  { backend = 'cpu', batch = 32 }: RunOptions = {},
): Promise<Float32Array> {
  const tf = await import('@tensorflow/tfjs-core');
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
  const before = { backend: tf.engine().backendName, production: tf.env().getBool('PROD') };
  if (backend === 'cpu') await import('@tensorflow/tfjs-backend-cpu');
  // Its first use advises users to install tfjs-node, on the terminal, unless production mode is set.
  tf.env().set('PROD', true);
  try {
    if (!(await tf.setBackend(backend))) throw new RangeError(`tfjs backend ${backend} does not start`);
    const { model: json, handler } = memoryHandler(artifacts);
    const model = await loadGraphModel({ load: () => Promise.resolve(handler) });
    const shape = json.signature.inputs.input.tensorShape.dim.slice(1).map(({ size }) => Number(size));
    const picture = shape.reduce((product, side) => product * side, 1);
    const results: Float32Array[] = [];
    for (let at = 0; at < input.length; at += batch * picture) {
      const part = input.subarray(at, at + batch * picture);
      results.push(
        tf.tidy(() => {
          const x = tf.tensor(part, [part.length / picture, ...shape]);
          const logits = model.execute({ input: x }, LOGITS) as { dataSync(): Float32Array };
          return Float32Array.from(logits.dataSync());
        }),
      );
    }
    model.dispose();
    return joined(results);
  } finally {
    tf.env().set('PROD', before.production);
    if (before.backend) await tf.setBackend(before.backend);
  }
}

function memoryHandler(artifacts: readonly Artifact[]) {
  const bytesOf = (path: string): Uint8Array => {
    const bytes = artifacts.find((artifact) => artifact.path === path)?.bytes;
    if (bytes === undefined) throw new RangeError(`no artifact ${path}`);
    return bytes;
  };
  const model = JSON.parse(new TextDecoder().decode(bytesOf('model.json'))) as ModelJson;
  const [group] = model.weightsManifest;
  const weights = Buffer.concat((group?.paths ?? []).map(bytesOf));
  return {
    model,
    handler: {
      modelTopology: model.modelTopology,
      format: model.format,
      signature: model.signature,
      weightSpecs: [...(group?.weights ?? [])],
      weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
    },
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
