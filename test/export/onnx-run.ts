import { openOnnx, type OnnxArray } from '../../src/backends/index.js';
import type { Network } from '../../src/network/index.js';

/** Runs an ONNX file once; pictures are H×W×C and go in as the file's input wants them. */
export async function runOnnx(
  bytes: Uint8Array,
  pictures: readonly (Float32Array | Uint8Array)[],
  { input: [height, width, channels] }: Pick<Network, 'input'>,
): Promise<Readonly<Record<string, OnnxArray>>> {
  const session = await openOnnx(bytes, { threads: 1 });
  try {
    const flat = pictures.flatMap((picture) =>
      picture instanceof Float32Array ? [...channelsFirst(picture, channels)] : [...picture],
    );
    const whole = pictures[0] instanceof Uint8Array;
    const images = whole
      ? { shape: [pictures.length, height, width, channels], values: Uint8Array.from(flat) }
      : { shape: [pictures.length, channels, height, width], values: Float32Array.from(flat) };
    return await session.run({ images });
  } finally {
    session.dispose();
  }
}

/** H×W×C as C×H×W. */
export function channelsFirst(values: ArrayLike<number>, channels: number): Float32Array {
  const places = values.length / channels;
  return Float32Array.from(
    values,
    (_, at) => values[(at % places) * channels + Math.floor(at / places)] as number,
  );
}
