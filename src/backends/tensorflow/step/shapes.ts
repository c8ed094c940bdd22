import type { Shape } from '../../../space/index.js';
import type { Graph, Ref } from '../graph/graph.js';
import { reshape } from '../graph/operations.js';

/** True for 1×1 maps: in graphs they are matrices [batch, channels], everything else is [batch, H, W, channels]. */
export function isFlat(shape: Shape): boolean {
  return shape[0] === 1 && shape[1] === 1;
}

/** The dimensions that a result of this shape has in a graph. */
export function dimensions(shape: Shape, batch: number): readonly number[] {
  return isFlat(shape) ? [batch, shape[2]] : [batch, ...shape];
}

/** A result as a map of rank 4, for operations that know nothing else. */
export function asMap(g: Graph, x: Ref, shape: Shape, batch: number): Ref {
  return isFlat(shape) ? reshape(g, x, [batch, ...shape]) : x;
}

/** A map of rank 4 as the result it is. */
export function asResult(g: Graph, x: Ref, shape: Shape, batch: number): Ref {
  return isFlat(shape) ? reshape(g, x, [batch, shape[2]]) : x;
}
