import { NasError, nearest } from '../../core/index.js';
import { networkOf, type Network } from '../../network/index.js';
import type { Layer } from '../../space/index.js';
import { flatLayers } from './lower.js';

export const LOGITS = 'logits';
export const PROBABILITIES = 'probabilities';

/** A result of the network that a file gives. */
export interface OnnxOutput {
  readonly name: string;
  /** Name of the layer whose result it is; `probabilities` are the softmax of that result. */
  readonly layer: string;
  /** Of one picture: [C, H, W], or [C] from the pooling on. */
  readonly shape: readonly number[];
  /** Pixels of the picture per pixel of the map; null from the pooling on. */
  readonly stride: number | null;
}

/**
 * What names of outputs stand for: `logits`, `probabilities`, `cN` (the last block's result at stride 2^N, the last
 * of all being what the pooling reads, as feature pyramids take them), or a layer's own name such as `13.expand`.
 * A name given twice counts once.
 * @throws NasError `NAS_NO_FEATURE` when the network never has that stride, `NAS_UNKNOWN_OUTPUT` for other names
 */
export function outputsOf(network: Network, names: readonly string[]): readonly OnnxOutput[] {
  if (names.length === 0) throw new RangeError('a file without outputs');
  const flat = flatLayers(network);
  const strides = stridesOf(network);
  return [...new Set(names)].map((name) => {
    const layer = layerOf(network, strides, name);
    const [height, width, channels] = layer.out;
    return {
      name,
      layer: layer.name,
      shape: flat.has(layer.name) ? [channels] : [channels, height, width],
      stride: strides.get(layer.name) ?? null,
    };
  });
}

function layerOf(network: Network, strides: ReadonlyMap<string, number>, name: string): Layer {
  if (name === LOGITS || name === PROBABILITIES) return network.layers.at(-1) as Layer;
  const level = /^c([1-9])$/.exec(name)?.[1];
  if (level !== undefined) return lastAtStride(network, strides, name, 2 ** Number(level));
  const layer = network.layers.find((candidate) => candidate.name === name);
  if (layer !== undefined) return layer;
  const near = nearest(name, [LOGITS, PROBABILITIES, ...network.layers.map((known) => known.name)]);
  throw new NasError({
    code: 'NAS_UNKNOWN_OUTPUT',
    found: `unknown output ${JSON.stringify(name.slice(0, 80))}`,
    expected: `${LOGITS}, ${PROBABILITIES}, c1 to c9 (feature maps), or a layer such as ${network.layers[0]?.name ?? '0.conv'}`,
    fix: near === undefined ? 'nas arch --json lists the layers' : `did you mean ${near}?`,
  });
}

function lastAtStride(
  network: Network,
  strides: ReadonlyMap<string, number>,
  name: string,
  stride: number,
): Layer {
  const results = blockResults(network, strides);
  const found = results.findLast((layer) => strides.get(layer.name) === stride);
  if (found !== undefined) return found;
  const { input } = network;
  const known = [...new Set(results.map((layer) => strides.get(layer.name)))];
  throw new NasError({
    code: 'NAS_NO_FEATURE',
    found: `no ${name}: no block's result has stride ${stride}`,
    expected: `one of the network's strides: ${known.join(', ')}`,
    fix: `this network was made for pictures of ${input[0]}×${input[1]}; small pictures are halved less often (docs/formats.md)`,
  });
}

/** Layers that end a block in front of the pooling. */
function blockResults({ layers }: Network, strides: ReadonlyMap<string, number>): readonly Layer[] {
  return layers.filter((layer, at) => strides.has(layer.name) && layers[at + 1]?.block !== layer.block);
}

/** A map of the feature pyramid: what `c3` and so on name. */
export interface FeatureMap {
  /** 3 at stride 8. */
  readonly level: number;
  readonly stride: number;
  /** The last block's result at that stride. */
  readonly layer: Layer;
}

/** Every `cN` that a network has, rising. */
export function featureMaps(network: Network): readonly FeatureMap[] {
  const strides = stridesOf(network);
  const last = new Map(
    blockResults(network, strides).map((layer) => [strides.get(layer.name) as number, layer]),
  );
  return [...last]
    .filter(([stride]) => stride > 1)
    .map(([stride, layer]) => ({ level: Math.log2(stride), stride, layer }));
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

/** Pixels of the picture per pixel of a layer's map; layers from a pooling on have none. */
function stridesOf({ layers }: Network): ReadonlyMap<string, number> {
  const strides = new Map([['input', 1]]);
  for (const layer of layers) {
    const before = strides.get(layer.from[0] ?? '');
    if (before !== undefined && layer.op !== 'gap') strides.set(layer.name, before * layer.stride);
  }
  strides.delete('input');
  return strides;
}
