import { NasError, nearest } from '../../core/index.js';
import { featureMaps, stridesOf, type Network } from '../../network/index.js';
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
    const layer = layerOf(network, name);
    const [height, width, channels] = layer.out;
    return {
      name,
      layer: layer.name,
      shape: flat.has(layer.name) ? [channels] : [channels, height, width],
      stride: strides.get(layer.name) ?? null,
    };
  });
}

function layerOf(network: Network, name: string): Layer {
  if (name === LOGITS || name === PROBABILITIES) return network.layers.at(-1) as Layer;
  const level = /^c([1-9])$/.exec(name)?.[1];
  if (level !== undefined) return featureNamed(network, name, Number(level));
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

function featureNamed(network: Network, name: string, level: number): Layer {
  const maps = featureMaps(network);
  const found = maps.find((map) => map.level === level);
  if (found !== undefined) return found.layer;
  const { input } = network;
  throw new NasError({
    code: 'NAS_NO_FEATURE',
    found: `no ${name}: no block's result has stride ${2 ** level}`,
    expected: `one of the network's strides: ${maps.map(({ stride }) => stride).join(', ')}`,
    fix: `this network was made for pictures of ${input[0]}×${input[1]}; small pictures are halved less often (docs/formats.md)`,
  });
}
