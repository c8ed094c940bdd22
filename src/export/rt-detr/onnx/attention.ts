import { attribute } from '../../../onnx/index.js';
import { product, type LayerBuilder } from './layers.js';

export interface AttentionSizes {
  readonly hidden: number;
  readonly heads: number;
}

/** PyTorch's `MultiheadAttention` of one picture's tokens [1, T, hidden] to themselves; `code` is added to queries and keys. */
export function selfAttention(
  builder: LayerBuilder,
  name: string,
  value: string,
  code: string,
  { hidden, heads }: AttentionSizes,
): string {
  const { op, parameters } = builder;
  const kernel = parameters.take(`${name}.in_proj_weight`, [3 * hidden, hidden], 'kernel');
  const bias = parameters.take(`${name}.in_proj_bias`, [3 * hidden], 'bias');
  const coded = op(`${name}.coded`, 'Add', [value, code]);
  const depth = hidden / heads;
  const third = (part: string, index: number, from: string, order: readonly number[]): string => {
    const numbers = {
      ...{ inputs: hidden, outputs: hidden },
      kernel: kernel.subarray(index * hidden * hidden, (index + 1) * hidden * hidden),
      bias: bias.subarray(index * hidden, (index + 1) * hidden),
    };
    const made = product(builder, `${name}.${part}`, from, numbers);
    const split = builder.reshape(`${name}.${part}.heads`, made, [1, -1, heads, depth]);
    return builder.transpose(`${name}.${part}.turned`, split, order);
  };
  const query = third('query', 0, coded, [0, 2, 1, 3]);
  const key = third('key', 1, coded, [0, 2, 3, 1]);
  const read = third('value', 2, value, [0, 2, 1, 3]);
  const scaled = op(`${name}.scaled`, 'Mul', [query, builder.number(1 / Math.sqrt(depth))]);
  const scores = op(`${name}.scores`, 'MatMul', [scaled, key]);
  const shares = op(`${name}.shares`, 'Softmax', [scores], [attribute.integer('axis', -1)]);
  const mixed = op(`${name}.mixed`, 'MatMul', [shares, read]);
  const joined = builder.transpose(`${name}.joined`, mixed, [0, 2, 1, 3]);
  const flat = builder.reshape(`${name}.flat`, joined, [1, -1, hidden]);
  return builder.linear(`${name}.out_proj`, flat, hidden, hidden);
}

export interface DeformableSizes extends AttentionSizes {
  /** Sampled points per head and map. */
  readonly points: number;
  readonly queries: number;
  /** Height and width of the maps, in the order of their tokens. */
  readonly shapes: readonly (readonly [number, number])[];
}

/**
 * Multi-scale deformable attention (arXiv 2010.04159) of queries [1, Q, hidden] to the maps' tokens [1, V, hidden], around boxes
 * [1, Q, 4] of centre, width and height; maps are sampled by GridSample, whose defaults are bilinear, zeros and corners not
 * aligned.
 */
export function deformableAttention(
  builder: LayerBuilder,
  name: string,
  [query, tokens, boxes]: readonly [query: string, tokens: string, boxes: string],
  { hidden, heads, points, queries, shapes }: DeformableSizes,
): string {
  const { op } = builder;
  const all = shapes.length * points;
  const depth = hidden / heads;
  const read = builder.linear(`${name}.value_proj`, tokens, hidden, hidden);
  const split = builder.reshape(`${name}.value.heads`, read, [-1, heads, depth]);
  const values = builder.transpose(`${name}.value.turned`, split, [1, 2, 0]);
  const grids = samplingGrids();
  let before = 0;
  const sampled = shapes.map(([height, width], level) => {
    const own = `${name}.level${level}`;
    const part = builder.slice(`${own}.value`, values, 2, before, (before += height * width));
    const map = builder.reshape(`${own}.map`, part, [heads, depth, height, width]);
    const grid = builder.slice(`${own}.grid`, grids, 2, level * points, (level + 1) * points);
    return op(`${own}.sampled`, 'GridSample', [map, grid]);
  });
  const logits = builder.linear(`${name}.attention_weights`, query, hidden, heads * all);
  const perHead = builder.reshape(`${name}.weights.heads`, logits, [queries, heads, all]);
  const shares = op(`${name}.shares`, 'Softmax', [perHead], [attribute.integer('axis', -1)]);
  const turned = builder.transpose(`${name}.shares.turned`, shares, [1, 0, 2]);
  const weights = builder.reshape(`${name}.weights`, turned, [heads, 1, queries, all]);
  const weighted = op(`${name}.weighted`, 'Mul', [builder.concat(`${name}.sampled`, sampled, 3), weights]);
  const summed = op(
    `${name}.summed`,
    'ReduceSum',
    [weighted, builder.whole([3])],
    [attribute.integer('keepdims', 0)],
  );
  const flat = builder.reshape(`${name}.flat`, summed, [1, hidden, queries]);
  return builder.linear(
    `${name}.output_proj`,
    builder.transpose(`${name}.joined`, flat, [0, 2, 1]),
    hidden,
    hidden,
  );

  /** Where to sample, [heads, Q, levels · points, 2], from -1 to 1. */
  function samplingGrids(): string {
    const made = builder.linear(`${name}.sampling_offsets`, query, hidden, 2 * heads * all);
    const offsets = builder.reshape(`${name}.offsets`, made, [queries, heads, all, 2]);
    const box = builder.reshape(`${name}.box`, boxes, [queries, 1, 1, 4]);
    const centre = builder.slice(`${name}.centre`, box, 3, 0, 2);
    const size = builder.slice(`${name}.size`, box, 3, 2, 4);
    // Offsets are in halves of a box, points apart. A place p from 0 to 1 is 2p - 1 of the grid.
    const step = op(`${name}.step`, 'Mul', [size, builder.number(1 / points)]);
    const moved = op(`${name}.moved`, 'Mul', [offsets, step]);
    const doubled = op(`${name}.doubled`, 'Mul', [centre, builder.number(2)]);
    const middle = op(`${name}.middle`, 'Sub', [doubled, builder.number(1)]);
    const places = op(`${name}.places`, 'Add', [moved, middle]);
    return builder.transpose(`${name}.grids`, places, [1, 0, 2, 3]);
  }
}
