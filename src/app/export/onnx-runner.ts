import { availableParallelism } from 'node:os';
import { openOnnx, type OnnxArray } from '../../backends/index.js';
import { ONNX_FILE, ONNX_INPUT, type Artifact } from '../../export/index.js';

/** An exported ONNX network in ONNX Runtime, fed as its users feed it. */
export interface OnnxRunner {
  /** Pictures per run that fit the file; what is left over is filled up. */
  readonly batch: number;
  /** `bytes`: count × H × W × C. Each output's numbers by name, maps as count × H × W × C. */
  run(bytes: Uint8Array, count: number): Promise<ReadonlyMap<string, Float32Array>>;
  dispose(): void;
}

/** Pictures per call where the file leaves it open. */
const BATCH = 32;

/**
 * @param numbersOf pixels as numbers, for a file that does not take bytes
 * @throws NasError `NAS_NO_ONNXRUNTIME`, `NAS_BAD_ONNX`
 */
export async function openRunner(
  artifacts: readonly Artifact[],
  numbersOf: (bytes: Uint8Array) => Float32Array,
): Promise<OnnxRunner> {
  const model = artifacts.find(({ path }) => path === ONNX_FILE);
  if (model === undefined) throw new TypeError(`an ONNX export without ${ONNX_FILE}`);
  const session = await openOnnx(model.bytes, { threads: availableParallelism() });
  const { shape: declared = [], type } = session.inputs[0] ?? {};
  const [free, ...picture] = declared;
  const batch = typeof free === 'number' ? free : BATCH;

  /** A batch that the pictures do not fill begins again with the first of them. */
  function arrayOf(bytes: Uint8Array, count: number): OnnxArray {
    const length = bytes.length / count;
    const rows = typeof free === 'number' ? free : count;
    const shape = [rows, ...(picture as number[])];
    const values = type === 'uint8' ? new Uint8Array(rows * length) : new Float32Array(rows * length);
    for (let row = 0; row < rows; row++) {
      const from = (row % count) * length;
      const pixels = bytes.subarray(from, from + length);
      values.set(
        type === 'uint8' ? pixels : channelsFirst(numbersOf(pixels), 1, shape[1] ?? 1),
        row * length,
      );
    }
    return { shape, values };
  }

  return {
    batch,
    async run(bytes, count) {
      const length = bytes.length / count;
      const parts = new Map<string, Float32Array[]>();
      for (let from = 0; from < count; from += batch) {
        const size = Math.min(batch, count - from);
        const images = arrayOf(bytes.subarray(from * length, (from + size) * length), size);
        const results = await session.run({ [ONNX_INPUT]: images });
        for (const [name, { shape, values }] of Object.entries(results)) {
          const [rows = 1, channels = 1] = shape;
          const own = values.subarray(0, (size * values.length) / rows);
          parts.set(name, [...(parts.get(name) ?? []), channelsLast(own, size, channels)]);
        }
      }
      return new Map([...parts].map(([name, arrays]) => [name, joined(arrays)]));
    },
    dispose: () => session.dispose(),
  };
}

/** Pictures, H × W × C each, to C × H × W. */
export function channelsFirst(values: Float32Array, count: number, channels: number): Float32Array {
  const places = values.length / count / channels;
  const turned = new Float32Array(values.length);
  for (let start = 0; start < values.length; start += places * channels)
    for (let place = 0; place < places; place++)
      for (let c = 0; c < channels; c++)
        turned[start + c * places + place] = values[start + place * channels + c] as number;
  return turned;
}

/** Maps of `count` pictures, C × H × W each, to H × W × C. */
function channelsLast(values: ArrayLike<number>, count: number, channels: number): Float32Array {
  const places = values.length / count / channels;
  const turned = new Float32Array(values.length);
  for (let picture = 0; picture < count; picture++) {
    const start = picture * places * channels;
    for (let c = 0; c < channels; c++)
      for (let place = 0; place < places; place++)
        turned[start + place * channels + c] = values[start + c * places + place] as number;
  }
  return turned;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
