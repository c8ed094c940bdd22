import type { Feature } from './backbone.js';
import {
  attention,
  convolution,
  embedding,
  layerNorm,
  linear,
  perceptron,
  type DetectorLayer,
} from './layer.js';
import type { DetectorSizes } from './sizes.js';

interface Counts {
  readonly tokens: number;
  readonly queries: number;
}

function countsOf(features: readonly Feature[], { queries }: DetectorSizes): Counts {
  const tokens = features.reduce((sum, { height, width }) => sum + height * width, 0);
  return { tokens, queries: Math.min(queries, tokens) };
}

/** Every pixel's class score, and boxes of the best as first queries (RT-DETR §4.3). */
export function querySelection(features: readonly Feature[], sizes: DetectorSizes): readonly DetectorLayer[] {
  const { hidden, classes } = sizes;
  const { tokens, queries } = countsOf(features, sizes);
  return [
    ...features.map(({ level, height, width }) =>
      convolution(`decoder.input_proj.${level}`, hidden, hidden, height * width),
    ),
    linear('decoder.enc_output', hidden, hidden, tokens),
    layerNorm('decoder.enc_output.norm', hidden, tokens),
    linear('decoder.enc_score_head', hidden, classes, tokens),
    ...perceptron('decoder.enc_bbox_head', [hidden, hidden, hidden, 4], queries),
    embedding('decoder.denoising_class_embed', classes, hidden),
  ];
}

/** Self-attention of the queries, deformable attention to the maps, perceptron; the queries' positions are shared. */
export function decoderLayers(features: readonly Feature[], sizes: DetectorSizes): readonly DetectorLayer[] {
  const { hidden, heads, points, feedForward } = sizes;
  const { tokens, queries } = countsOf(features, sizes);
  const sampled = heads * features.length * points;
  const layers = Array.from({ length: sizes.decoderLayers }, (_, i) => {
    const name = `decoder.layers.${i}`;
    return [
      attention(`${name}.self_attn`, hidden, queries, heads),
      layerNorm(`${name}.norm1`, hidden, queries),
      linear(`${name}.cross_attn.sampling_offsets`, hidden, 2 * sampled, queries),
      linear(`${name}.cross_attn.attention_weights`, hidden, sampled, queries),
      linear(`${name}.cross_attn.value_proj`, hidden, hidden, tokens),
      linear(`${name}.cross_attn.output_proj`, hidden, hidden, queries),
      layerNorm(`${name}.norm2`, hidden, queries),
      linear(`${name}.linear1`, hidden, feedForward, queries),
      linear(`${name}.linear2`, feedForward, hidden, queries),
      layerNorm(`${name}.norm3`, hidden, queries),
    ];
  });
  const positions = perceptron(
    'decoder.query_pos_head',
    [4, 2 * hidden, hidden],
    queries,
    sizes.decoderLayers,
  );
  return [...positions, ...layers.flat()];
}

/** Boxes are refined by every layer's head, classes are read from the last one's; the others serve training. */
export function predictionHeads(
  features: readonly Feature[],
  sizes: DetectorSizes,
): readonly DetectorLayer[] {
  const { hidden, classes } = sizes;
  const { queries } = countsOf(features, sizes);
  return Array.from({ length: sizes.decoderLayers }, (_, i) => [
    linear(`decoder.dec_score_head.${i}`, hidden, classes, queries, i === sizes.decoderLayers - 1 ? 1 : 0),
    ...perceptron(`decoder.dec_bbox_head.${i}`, [hidden, hidden, hidden, 4], queries),
  ]).flat();
}
