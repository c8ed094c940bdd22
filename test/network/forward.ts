import type { Network, Weights } from '../../src/network/index.js';
import type { Layer } from '../../src/space/index.js';

/**
 * Reference forward pass for one picture: slow and obvious, in double precision, to test everything else against.
 * Batch normalisation uses its moving averages. `input` is H×W×C; returns the logits.
 */
export function forward(
  network: Network,
  weights: Weights,
  input: ArrayLike<number>,
  epsilon = 1e-3,
): Float64Array {
  const results = forwardAll(network, weights, input, epsilon);
  return results.get(network.layers.at(-1)!.name)!;
}

/** Results of all layers by name, `input` included. */
export function forwardAll(
  network: Network,
  weights: Weights,
  input: ArrayLike<number>,
  epsilon = 1e-3,
): Map<string, Float64Array> {
  const results = new Map<string, Float64Array>([['input', Float64Array.from(input)]]);
  for (const layer of network.layers) {
    const read = layer.from.map((name) => results.get(name)!);
    const values = operate(layer, read, (role) => weights.get(`${layer.name}.${role}`)!);
    const channels = layer.out[2];
    if (layer.bias) {
      const bias = weights.get(`${layer.name}.bias`)!;
      values.forEach((value, i) => (values[i] = value + bias[i % channels]!));
    }
    if (layer.norm) {
      const [scale, offset, mean, variance] = ['scale', 'offset', 'mean', 'variance'].map((role) =>
        weights.get(`${layer.name}.${role}`)!,
      ) as [Float32Array, Float32Array, Float32Array, Float32Array];
      values.forEach((value, i) => {
        const c = i % channels;
        values[i] = (scale[c]! * (value - mean[c]!)) / Math.sqrt(variance[c]! + epsilon) + offset[c]!;
      });
    }
    results.set(
      layer.name,
      values.map((value) => activate(layer.activation, value)),
    );
  }
  return results;
}

function activate(activation: Layer['activation'], x: number): number {
  const relu6 = (value: number) => Math.min(6, Math.max(0, value));
  switch (activation) {
    case 'id':
      return x;
    case 're':
      return Math.max(0, x);
    case 'r6':
      return relu6(x);
    case 'hs':
      return (x * relu6(x + 3)) / 6;
    case 'hsig':
      return relu6(x + 3) / 6;
    case 'sig':
      return 1 / (1 + Math.exp(-x));
  }
}

function operate(
  layer: Layer,
  [a = new Float64Array(), b = new Float64Array()]: Float64Array[],
  weight: (role: string) => Float32Array,
): Float64Array {
  const [height, width, inputs] = layer.in;
  const channels = layer.out[2];
  const out = new Float64Array(layer.out[0] * layer.out[1] * channels);
  switch (layer.op) {
    case 'conv': {
      const kernel = weight('kernel');
      eachTap(layer, (to, from, tap) => {
        for (let i = 0; i < inputs; i++)
          for (let o = 0; o < channels; o++)
            out[to * channels + o]! += a[from * inputs + i]! * kernel[(tap * inputs + i) * channels + o]!;
      });
      return out;
    }
    case 'dwconv': {
      const kernel = weight('kernel');
      eachTap(layer, (to, from, tap) => {
        for (let c = 0; c < channels; c++)
          out[to * channels + c]! += a[from * channels + c]! * kernel[tap * channels + c]!;
      });
      return out;
    }
    case 'avgpool': {
      const counts = new Float64Array(layer.out[0] * layer.out[1]);
      eachTap(layer, (to, from) => {
        counts[to]! += 1;
        for (let c = 0; c < channels; c++) out[to * channels + c]! += a[from * channels + c]!;
      });
      return out.map((sum, i) => sum / counts[Math.floor(i / channels)]!);
    }
    case 'dense': {
      const kernel = weight('kernel');
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < channels; o++) out[o]! += a[i]! * kernel[i * channels + o]!;
      return out;
    }
    case 'gap':
      a.forEach((value, i) => (out[i % channels]! += value / (height * width)));
      return out;
    case 'pad':
      return out.map((_, i) => {
        const channel = i % channels;
        return channel < inputs ? a[Math.floor(i / channels) * inputs + channel]! : 0;
      });
    case 'scale':
      return a.map((value, i) => value * b[i % channels]!);
    case 'add':
      return a.map((value, i) => value + b[i]!);
  }
}

/** Visits (output position, input position, kernel position) of a window with TensorFlow's SAME padding, or PyTorch's where the layer has its own. */
function eachTap(layer: Layer, visit: (to: number, from: number, tap: number) => void): void {
  const [height, width] = layer.in;
  const [outHeight, outWidth] = layer.out;
  const { kernel, stride } = layer;
  const before = (size: number, out: number) =>
    layer.pads === undefined
      ? Math.floor(Math.max(0, (out - 1) * stride + kernel - size) / 2)
      : (kernel - 1) / 2;
  const [top, left] = [before(height, outHeight), before(width, outWidth)];
  for (let y = 0; y < outHeight; y++)
    for (let x = 0; x < outWidth; x++)
      for (let ky = 0; ky < kernel; ky++)
        for (let kx = 0; kx < kernel; kx++) {
          const [row, column] = [y * stride + ky - top, x * stride + kx - left];
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          visit(y * outWidth + x, row * width + column, ky * kernel + kx);
        }
}
