import type { SpaceDefinitionInput } from './definition.js';
import { nearest8 } from '../architecture/rounding.js';

/** {0.75, 1, 1.25} of a width as multiples of 8; equal ones once (16 gives 16 and 24). */
function aroundWidth(base: number): number[] {
  return [...new Set([0.75, 1, 1.25].map((factor) => nearest8(base * factor)))];
}

/** {−1, 0, +1} of a number of layers; {1, 2} where it is 1, since a stage is never left out. */
function aroundLayers(base: number): number[] {
  return base > 1 ? [base - 1, base, base + 1] : [1, 2];
}

interface Backbone {
  readonly filters: readonly number[];
  readonly layers: readonly number[];
  readonly strides: readonly (1 | 2)[];
}

/** MnasNet §4.1: what each of the stages chooses; `se` is what the spaces differ in. */
function hierarchy(backbone: Backbone, se: readonly string[]): SpaceDefinitionInput['stages'] {
  return backbone.filters.map((filters, index) => ({
    op: ['conv', 'dconv', 'mbconv'],
    kernel: [3, 5],
    stride: backbone.strides[index] ?? 1,
    expansion: [3, 6],
    se: [...se],
    skip: ['pool', 'id', 'no'],
    filters: aroundWidth(filters),
    layers: aroundLayers(backbone.layers[index] ?? 1),
  }));
}

const V2: Backbone = {
  filters: [16, 24, 32, 64, 96, 160, 320],
  layers: [1, 2, 3, 4, 3, 3, 1],
  strides: [1, 2, 2, 2, 1, 2, 1],
};

const V3_LARGE: Backbone = {
  filters: [16, 24, 40, 80, 112, 160],
  layers: [1, 2, 3, 4, 2, 3],
  strides: [1, 2, 2, 2, 1, 2],
};

/** MnasNet's factorised hierarchical space around MobileNetV2 (arXiv 1807.11626 §4.1). */
export const MNASNET_SPACE: SpaceDefinitionInput = {
  version: 1,
  name: 'mnasnet',
  stem: { filters: 32 },
  stages: hierarchy(V2, ['none', 'input/4-sig']),
  head: { place: 'before', features: 1280 },
};

/** The same around MobileNetV3-Large, with each change of arXiv 1905.02244 §5 as a choice. */
export const MOBILENETV3_SPACE: SpaceDefinitionInput = {
  version: 1,
  name: 'mobilenetv3',
  hswishFrom: ['stage4', 'stage1', 'stage2', 'stage3', 'stage5', 'stage6', 'head', 'never'],
  stem: { filters: [16, 32], activation: ['hs', 're'] },
  stages: hierarchy(V3_LARGE, ['none', 'expansion/4-hsig', 'input/4-sig']),
  head: { place: ['behind', 'before'], expansion: [6, 4, 3], bottleneck: 320, features: [1280, 1024, 640] },
};

/** Stages of {@link BACKBONE_SPACE}, each half the size of the one before. */
const BACKBONE_STAGES = [
  { filters: [8, 16, 24, 32, 48], layers: [1, 2] },
  { filters: [16, 24, 32, 48, 64, 96], layers: [1, 2, 3, 4] },
  { filters: [24, 32, 48, 64, 96, 128], layers: [1, 2, 3, 4, 6] },
  { filters: [32, 48, 64, 96, 128, 192], layers: [1, 2, 3, 4, 6] },
];

/**
 * From a tenth of MobileNetV3-Small's latency to several times it, at any size of picture, with the block that the
 * device rewards in each stage: dense convolutions (residual where shapes agree), depthwise separable ones, V3's
 * inverted residuals, and MobileNetV4's universal inverted bottlenecks (arXiv 2404.10518 §3). MobileNetV3's changes
 * are choices as in {@link MOBILENETV3_SPACE}; the features in front of the classifier reach down to none.
 */
export const BACKBONE_SPACE: SpaceDefinitionInput = {
  version: 1,
  name: 'backbone',
  hswishFrom: ['never', 'stage3', 'stage4', 'head'],
  stem: { surplus: ['stem', 'last'], filters: [8, 16, 24, 32] },
  stages: BACKBONE_STAGES.map(({ filters, layers }) => ({
    op: ['mbconv', 'conv', 'dconv', 'extradw', 'convnext'],
    kernel: [3, 5],
    stride: 2,
    expansion: [2, 3, 4, 6],
    se: ['none', 'expansion/4-hsig'],
    skip: 'id',
    filters,
    layers,
  })),
  head: { place: ['before', 'behind'], expansion: [6, 3], bottleneck: 0, features: [0, 256, 640, 1280] },
};
