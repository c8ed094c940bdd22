import {
  buildNetwork,
  importanceOf,
  keptChannels,
  type FilterCriterion,
  type Network,
  type Weights,
} from '../network/index.js';
import type { Architecture, Layer } from '../space/index.js';
import { withWidth } from './dimensions.js';
import type { Dimension } from './state-schema.js';

/** What making a dimension so small takes away; 0 for nothing, 1 for all that one layer does. */
export type ExpectedLoss = (dimension: Dimension, to: number) => number;

/**
 * What a proposal is expected to cost, before any training: over all layers that lose filters, the sum of the share of
 * importance that each loses. Of a smaller kernel, what its outer ring has of the squares; a block left out loses all of each
 * of its convolutions.
 * @param epsilon of normalisation, as in training
 */
export function expectedLoss(
  architecture: Architecture,
  weights: Weights,
  criterion: FilterCriterion,
  epsilon: number,
): ExpectedLoss {
  const from = buildNetwork(architecture);
  const known = new Map<string, Float64Array>();
  const layers = new Map(from.layers.map((layer) => [layer.name, layer]));
  const importance = (name: string): Float64Array => {
    const found = known.get(name) ?? importanceOf(layers.get(name) as Layer, weights, criterion, epsilon);
    known.set(name, found);
    return found;
  };
  return (dimension, to) => {
    const [block] = dimension.blocks;
    if (dimension.kind === 'depth')
      return from.layers.filter((layer) => layer.block === block && isConvolution(layer)).length;
    const smaller = buildNetwork(withWidth(architecture, dimension, to));
    return dimension.kind === 'kernel'
      ? ringShares(from, smaller, weights)
      : filterShares(from, smaller, importance);
  };
}

function isConvolution({ op }: Layer): boolean {
  return op === 'conv' || op === 'dwconv';
}

function filterShares(from: Network, to: Network, importance: (layer: string) => Float64Array): number {
  const kept = keptChannels(from, to, importance);
  const before = new Map(from.layers.map((layer) => [layer.name, layer.out[2]]));
  let lost = 0;
  for (const { name, op, out } of to.layers) {
    if ((op !== 'conv' && op !== 'dense') || out[2] === before.get(name)) continue;
    const all = importance(name);
    const stays = (kept.get(name) ?? []).reduce((sum, channel) => sum + (all[channel] ?? 0), 0);
    lost += shareLost(all, stays);
  }
  return lost;
}

function ringShares(from: Network, to: Network, weights: Weights): number {
  const sides = new Map(to.layers.map(({ name, kernel }) => [name, kernel]));
  let lost = 0;
  for (const { name, op, kernel, out } of from.layers) {
    const margin = (kernel - (sides.get(name) ?? kernel)) / 2;
    if (op !== 'dwconv' || margin === 0) continue;
    const all = (weights.get(`${name}.kernel`) ?? new Float32Array()).map((value) => value * value);
    const inside = (at: number): boolean => at >= margin && at < kernel - margin;
    const stays = all.reduce((sum, value, i) => {
      const position = Math.floor(i / out[2]);
      return inside(Math.floor(position / kernel)) && inside(position % kernel) ? sum + value : sum;
    }, 0);
    lost += shareLost(all, stays);
  }
  return lost;
}

function shareLost(all: Float64Array | Float32Array, stays: number): number {
  const whole = (all as Float64Array).reduce((sum, value) => sum + value, 0);
  return whole > 0 ? Math.max(0, 1 - stays / whole) : 0;
}
