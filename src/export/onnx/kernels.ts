import type { Layer } from '../../space/index.js';

/** A kernel of ours, [kh, kw, in, out] (depthwise [kh, kw, channels, 1]), as ONNX wants it: [out, in, kh, kw] ([channels, 1, kh, kw]). */
export function convolutionKernel(
  layer: Layer,
  values: Float32Array,
): { shape: number[]; values: Float32Array } {
  const { kernel, op } = layer;
  const outputs = layer.out[2];
  const inputs = op === 'dwconv' ? 1 : layer.in[2];
  const window = kernel * kernel;
  const turned = new Float32Array(values.length);
  for (let tap = 0; tap < window; tap++)
    for (let i = 0; i < inputs; i++)
      for (let o = 0; o < outputs; o++)
        turned[(o * inputs + i) * window + tap] = values[(tap * inputs + i) * outputs + o] as number;
  return { shape: [outputs, inputs, kernel, kernel], values: turned };
}

/** A dense kernel [in, out] as [out, in]. */
export function transposed(values: Float32Array, inputs: number, outputs: number): Float32Array {
  const turned = new Float32Array(values.length);
  for (let i = 0; i < inputs; i++)
    for (let o = 0; o < outputs; o++) turned[o * inputs + i] = values[i * outputs + o] as number;
  return turned;
}
