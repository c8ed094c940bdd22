import type { Feature } from './backbone.js';
import {
  attention,
  convolution,
  layerNorm,
  linear,
  positionCode,
  upsample,
  type DetectorLayer,
} from './layer.js';
import type { DetectorSizes } from './sizes.js';

/** Convolutions of a fusion block, each a 3×3 and, in training, a parallel 1×1. */
const FUSION_DEPTH = 3;

const pixels = ({ height, width }: Feature) => height * width;

/** 1×1 convolutions that bring every map to the hidden size. */
export function inputProjections(
  features: readonly Feature[],
  { hidden }: DetectorSizes,
): readonly DetectorLayer[] {
  return features.map((map) =>
    convolution(`encoder.input_proj.${map.level}`, map.channels, hidden, pixels(map)),
  );
}

/** Attention-based intra-scale feature interaction: a transformer layer on the last map (RT-DETR §4.2). */
export function aifi(last: Feature, { hidden, heads, feedForward }: DetectorSizes): readonly DetectorLayer[] {
  const tokens = pixels(last);
  return [
    positionCode('encoder.aifi.position', hidden, tokens),
    attention('encoder.aifi.attention', hidden, tokens, heads),
    layerNorm('encoder.aifi.norm1', hidden, tokens),
    linear('encoder.aifi.fc1', hidden, feedForward, tokens),
    linear('encoder.aifi.fc2', feedForward, hidden, tokens),
    layerNorm('encoder.aifi.norm2', hidden, tokens),
  ];
}

/** CNN-based cross-scale feature fusion: from the last map up to the first, and down again (RT-DETR §4.2). */
export function ccfm(features: readonly Feature[], { hidden }: DetectorSizes): readonly DetectorLayer[] {
  const up = features.toReversed().flatMap((map, i, reversed) => {
    const above = reversed[i + 1];
    if (above === undefined) return [];
    return [
      convolution(`encoder.lateral.${map.level}`, hidden, hidden, pixels(map)),
      upsample(`encoder.upsample.${map.level}`, hidden, pixels(above)),
      ...fusion(`encoder.fpn.${above.level}`, hidden, pixels(above)),
    ];
  });
  const down = features
    .slice(1)
    .flatMap((map) => [
      convolution(`encoder.downsample.${map.level}`, hidden, hidden, pixels(map), { kernel: 3 }),
      ...fusion(`encoder.pan.${map.level}`, hidden, pixels(map)),
    ]);
  return [...up, ...down];
}

/** Two maps concatenated: 1×1 on both branches, RepVGG convolutions on one, then the sum. */
function fusion(name: string, hidden: number, positions: number): readonly DetectorLayer[] {
  return [
    convolution(`${name}.conv1`, 2 * hidden, hidden, positions),
    convolution(`${name}.conv2`, 2 * hidden, hidden, positions),
    ...Array.from({ length: FUSION_DEPTH }, (_, i) => [
      convolution(`${name}.bottlenecks.${i}.3x3`, hidden, hidden, positions, { kernel: 3 }),
      convolution(`${name}.bottlenecks.${i}.1x1`, hidden, hidden, positions),
    ]).flat(),
  ];
}
