import { NasError } from '../core/index.js';
import { buildNetwork, featureMaps, neededLayers } from '../network/index.js';
import type { Architecture, Layer } from '../space/index.js';
import { convolution, linear, type DetectorLayer } from './layer.js';

/** A feature map that the encoder reads. */
export interface Feature {
  /** 3 at stride 8, 4 at 16, 5 at 32. */
  readonly level: number;
  readonly stride: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Backbone {
  readonly name: string;
  readonly layers: readonly DetectorLayer[];
  /** One to three, rising in level. */
  readonly features: readonly Feature[];
}

/** C3 to C5. */
export const LEVELS: readonly number[] = [3, 4, 5];

/**
 * The layers of an architecture, made for the detector's pictures, that its feature maps at the levels need.
 * @throws NasError `NAS_NO_FEATURE` where it has no map at a level's stride
 */
export function backboneOf(name: string, architecture: Architecture, levels = LEVELS): Backbone {
  const network = buildNetwork(architecture);
  const maps = featureMaps(network);
  const wanted = levels.map((level) => {
    const map = maps.find((candidate) => candidate.level === level);
    if (map !== undefined) return map;
    throw new NasError({
      code: 'NAS_NO_FEATURE',
      found: `no c${level}: no block's result has stride ${2 ** level}`,
      expected: `a backbone with maps at strides ${levels.map((each) => 2 ** each).join(', ')}; this one has ${maps.map(({ stride }) => stride).join(', ') || 'none'}`,
      fix: 'search at a larger picture size (small pictures are halved less often), or choose other maps with --features',
    });
  });
  const needed = neededLayers(
    network,
    wanted.map(({ layer }) => layer.name),
  );
  return {
    name,
    layers: network.layers.filter((layer) => needed.has(layer.name)).map(ofLayer),
    features: wanted.map(({ level, stride, layer: { out } }) => ({
      ...{ level, stride, channels: out[2], height: out[0], width: out[1] },
    })),
  };
}

function ofLayer(layer: Layer): DetectorLayer {
  const { name, op, kernel, groups, norm, bias } = layer;
  const [inputs, outputs] = [layer.in[2], layer.out[2]];
  const positions = layer.out[0] * layer.out[1];
  if (op === 'conv' || op === 'dwconv')
    return convolution(name, inputs, outputs, positions, { kernel, groups, norm, bias });
  if (op === 'dense') return linear(name, inputs, outputs, positions);
  return {
    ...{ op: 'free', name, inputs, outputs, positions, kernel, groups, norm, heads: 1, calls: 1 },
    params: layer.params,
  };
}
