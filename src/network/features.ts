import type { Layer } from '../space/index.js';
import { networkOf } from './build.js';
import type { Network } from './network.js';

/** A map of the feature pyramid: what `c3` and so on name. */
export interface FeatureMap {
  /** 0 at stride 1, 3 at stride 8. */
  readonly level: number;
  readonly stride: number;
  /** The last block's result at that stride. */
  readonly layer: Layer;
}

/** Every `cN` that a network has, rising; the last one is what the pooling reads. */
export function featureMaps(network: Network): readonly FeatureMap[] {
  const { layers } = network;
  const strides = stridesOf(network);
  const last = new Map<number, Layer>();
  for (const [at, layer] of layers.entries()) {
    const stride = strides.get(layer.name);
    if (stride !== undefined && layers[at + 1]?.block !== layer.block) last.set(stride, layer);
  }
  return [...last].map(([stride, layer]) => ({ level: Math.log2(stride), stride, layer }));
}

/** Pixels of the picture per pixel of a layer's map; layers from a pooling on have none. */
export function stridesOf({ layers }: Network): ReadonlyMap<string, number> {
  const strides = new Map([['input', 1]]);
  for (const layer of layers) {
    const before = strides.get(layer.from[0] ?? '');
    if (before !== undefined && layer.op !== 'gap') strides.set(layer.name, before * layer.stride);
  }
  strides.delete('input');
  return strides;
}

/** The layers that some results need, names included. */
export function neededLayers({ layers }: Network, results: readonly string[]): ReadonlySet<string> {
  const needed = new Set(results);
  for (const layer of layers.toReversed())
    if (needed.has(layer.name)) for (const name of layer.from) needed.add(name);
  return needed;
}

/** The part of a network that ends with the layer `result`; its weights are the whole network's. */
export function networkUpTo(network: Network, result: string): Network {
  const needed = neededLayers(network, [result]);
  return networkOf(
    network.input,
    network.layers.filter(({ name }) => needed.has(name)),
  );
}
