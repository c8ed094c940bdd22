import { layersOf, type Architecture, type Layer, type Shape } from '../../space/index.js';

/** Amounts of work by kind, all ≥ 0; a kind that an architecture lacks is absent. */
export type Features = ReadonlyMap<string, number>;

/**
 * What a network makes a device do, counted from its layers: operations to start, multiply-adds, weights to read and
 * values to move, each by the kind of operation, since a device is fast at one kind and slow at another. A latency is
 * taken as a sum of these with weights that are never negative.
 */
export function featuresOf(architecture: Architecture): Features {
  const features = new Map<string, number>([['network', 1]]);
  const add = (name: string, amount: number) => {
    if (amount > 0) features.set(name, (features.get(name) ?? 0) + amount);
  };
  for (const layer of layersOf(architecture)) {
    const kind = kindOf(layer);
    add(`layers of ${kind === 'moving' ? layer.op : kind}`, 1);
    add(`multiply-adds of ${kind}`, layer.madds);
    if (layer.op === 'dwconv' && layer.kernel > 3)
      add(`multiply-adds of ${kind} ${layer.kernel}`, layer.madds);
    add(`weights of ${kind}`, layer.params);
    add(`values of ${kind}`, size(layer.in) + size(layer.out));
    if (layer.activation !== 'id') add(`values through ${layer.activation}`, size(layer.out));
  }
  return features;
}

/** Operations that a device treats alike. `moving`: no arithmetic to speak of. */
function kindOf({ op, kernel }: Layer): 'pointwise' | 'convolution' | 'depthwise' | 'dense' | 'moving' {
  if (op === 'conv') return kernel === 1 ? 'pointwise' : 'convolution';
  if (op === 'dwconv') return 'depthwise';
  return op === 'dense' ? 'dense' : 'moving';
}

function size([height, width, channels]: Shape): number {
  return height * width * channels;
}
