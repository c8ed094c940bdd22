import { assertNever } from '../core/index.js';
import type { Layer } from '../space/index.js';
import type { Weights } from './network.js';
import { numbers } from './numbers.js';

/**
 * What a filter's importance is. `l2`: the L2 norm of the kernel with its normalisation folded in, γ·w/√(σ² + ε), which is
 * what the next layer sees of it. `l1`: the L1 norm of the same. `bn-scale`: |γ| (Network Slimming, 1708.06519). `l2-raw`: the L2 norm
 * of the kernel alone (NetAdapt §3.3), which normalisation makes arbitrary.
 */
export type FilterCriterion = 'l2' | 'l1' | 'bn-scale' | 'l2-raw';

/**
 * Importance of each output channel of a layer, to be added up over the layers that share channels: norms are squared for
 * `l2` and `l2-raw`. A layer without normalisation counts by its kernel.
 */
export function importanceOf(
  layer: Layer,
  weights: Weights,
  criterion: FilterCriterion,
  epsilon: number,
): Float64Array {
  const channels = layer.out[2];
  const gain = layer.norm && criterion !== 'l2-raw' ? gainsOf(layer, weights, epsilon) : undefined;
  const result = new Float64Array(channels);
  if (criterion === 'bn-scale' && layer.norm) {
    for (const [c, scale] of numbers(weights, layer.name, 'scale').entries()) result[c] = Math.abs(scale);
    return result;
  }
  for (const [i, value] of numbers(weights, layer.name, 'kernel').entries()) {
    const c = i % channels;
    const folded = value * (gain?.[c] ?? 1);
    result[c] = (result[c] as number) + measureOf(folded, criterion);
  }
  return result;
}

function measureOf(value: number, criterion: FilterCriterion): number {
  switch (criterion) {
    case 'l2':
    case 'l2-raw':
      return value * value;
    case 'l1':
    case 'bn-scale':
      return Math.abs(value);
    default:
      return assertNever(criterion);
  }
}

function gainsOf({ name }: Layer, weights: Weights, epsilon: number): Float64Array {
  const variance = numbers(weights, name, 'variance');
  const gain = (scale: number, c: number) => scale / Math.sqrt((variance[c] as number) + epsilon);
  return Float64Array.from(numbers(weights, name, 'scale'), gain);
}
