import type { Layer } from '../space/index.js';
import { networkOf } from './build.js';
import type { Network, Weights } from './network.js';
import { numbers } from './numbers.js';

/**
 * Batch normalisation by its moving averages put into kernel and bias: with g = scale/√(variance + epsilon),
 * kernel ← kernel·g and bias ← offset + (bias − mean)·g per output channel. The result has no `norm` and computes
 * the same function. `epsilon` as in training, > 0.
 */
export function fold(
  network: Network,
  weights: Weights,
  epsilon: number,
): { readonly network: Network; readonly weights: Weights } {
  const folded = new Map<string, Float32Array>();
  const layers: Layer[] = [];
  for (const layer of network.layers) {
    if (!layer.norm) {
      layers.push(layer);
      for (const role of ['kernel', 'bias'] as const) {
        const values = weights.get(`${layer.name}.${role}`);
        if (values !== undefined) folded.set(`${layer.name}.${role}`, values.slice());
      }
      continue;
    }
    const { kernel, bias } = foldLayer(layer, weights, epsilon);
    folded.set(`${layer.name}.kernel`, kernel);
    folded.set(`${layer.name}.bias`, bias);
    layers.push({ ...layer, norm: false, bias: true, params: kernel.length + bias.length });
  }
  return { network: networkOf(network.input, layers), weights: folded };
}

function foldLayer(layer: Layer, weights: Weights, epsilon: number) {
  const channels = layer.out[2];
  const variance = numbers(weights, layer.name, 'variance');
  const scale = numbers(weights, layer.name, 'scale');
  const gain = Float64Array.from(
    { length: channels },
    (_, c) => at(scale, c) / Math.sqrt(at(variance, c) + epsilon),
  );
  // Output channels run fastest in every kernel, [kh,kw,channels,1] of depthwise ones included.
  const kernel = numbers(weights, layer.name, 'kernel').slice();
  for (let i = 0; i < kernel.length; i += channels)
    for (let c = 0; c < channels; c++) kernel[i + c] = at(kernel, i + c) * at(gain, c);
  const offset = numbers(weights, layer.name, 'offset');
  const mean = numbers(weights, layer.name, 'mean');
  const before = layer.bias ? numbers(weights, layer.name, 'bias') : new Float32Array(channels);
  const bias = offset.map((value, c) => value + (at(before, c) - at(mean, c)) * at(gain, c));
  return { kernel, bias };
}

function at(values: Float32Array | Float64Array, index: number): number {
  return values[index] as number;
}
