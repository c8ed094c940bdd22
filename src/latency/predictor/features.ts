import { layersOf, paramsOf, type Architecture, type Layer, type Shape } from '../../space/index.js';

/** Amounts of work by kind, all ≥ 0; a kind that an architecture lacks is absent. */
export type Features = ReadonlyMap<string, number>;

/**
 * Channels that a device processes together: 4 (NEON, SSE), 8 (AVX2), 16 (AVX-512), 32 (a GPU's warp). 24 channels on 16
 * channels are as much work as 32.
 */
export const VECTOR_WIDTHS = [1, 4, 8, 16, 32] as const;

/** Sizes between which caches end, in KiB: what a network's weights are beyond them is read from farther away. */
const CACHES = [512, 1024, 2048, 4096, 8192, 16_384];
const BYTES_PER_WEIGHT = 4;

/**
 * What a network makes a device do, counted from its layers: operations to start, multiply-adds, weights to read and
 * values to move, each by the kind of operation, since a device is fast at one kind and slow at another. Multiply-adds
 * and values count channels filled up to whole vectors (`width`). A latency is taken as a sum of these with weights that are never
 * negative.
 */
export function featuresOf(architecture: Architecture, width = 1): Features {
  const features = new Map<string, number>([['network', 1]]);
  const add = (name: string, amount: number) => {
    if (amount > 0) features.set(name, (features.get(name) ?? 0) + amount);
  };
  const filled = (channels: number): number => Math.ceil(channels / width) * width;
  const values = ([height, width, channels]: Shape): number => height * width * filled(channels);
  for (const layer of layersOf(architecture)) {
    const kind = kindOf(layer);
    const work = multiplyAdds(layer, filled);
    add(`layers of ${kind === 'moving' ? layer.op : kind}`, 1);
    add(`multiply-adds of ${kind}`, work);
    if (layer.kernel > 3 && (kind === 'depthwise' || kind === 'convolution'))
      add(`multiply-adds of ${kind} ${layer.kernel}`, work);
    add(`weights of ${kind}`, layer.params);
    add(`values of ${kind}`, values(layer.in) + values(layer.out));
    if (layer.activation !== 'id') add(`values through ${layer.activation}`, values(layer.out));
  }
  const bytes = BYTES_PER_WEIGHT * paramsOf(architecture);
  for (const cache of CACHES) add(`weights beyond ${cache} KiB`, bytes - 1024 * cache);
  return features;
}

function multiplyAdds({ op, in: from, out, kernel, madds }: Layer, filled: (n: number) => number): number {
  const [height, width, channels] = out;
  const each = height * width * filled(channels) * kernel ** 2;
  if (op === 'conv') return each * filled(from[2]);
  return op === 'dwconv' ? each : madds;
}

/** Operations that a device treats the same. `moving`: no arithmetic to speak of. */
function kindOf({ op, kernel }: Layer): 'pointwise' | 'convolution' | 'depthwise' | 'dense' | 'moving' {
  if (op === 'conv') return kernel === 1 ? 'pointwise' : 'convolution';
  if (op === 'dwconv') return 'depthwise';
  return op === 'dense' ? 'dense' : 'moving';
}
