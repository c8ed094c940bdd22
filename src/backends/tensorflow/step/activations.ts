import { assertNever } from '../../../core/index.js';
import type { Layer } from '../../../space/index.js';
import type { Graph, Ref } from '../graph/graph.js';
import { add, multiply, unary, unaryGradient } from '../graph/operations.js';

/** An activation's result with what its gradient needs. */
export interface Activated {
  readonly y: Ref;
  readonly saved: Ref;
}

export function activate(g: Graph, kind: Layer['activation'], x: Ref): Activated {
  switch (kind) {
    case 'id':
      return { y: x, saved: x };
    case 're': {
      const y = unary(g, 'Relu', x);
      return { y, saved: y };
    }
    case 'r6': {
      const y = unary(g, 'Relu6', x);
      return { y, saved: y };
    }
    case 'sig': {
      const y = unary(g, 'Sigmoid', x);
      return { y, saved: y };
    }
    case 'hsig':
    case 'hs': {
      const saved = unary(g, 'Relu6', add(g, x, g.float(3)));
      const sixth = multiply(g, saved, g.float(1 / 6));
      return { y: kind === 'hs' ? multiply(g, x, sixth) : sixth, saved };
    }
    default:
      return assertNever(kind);
  }
}

/**
 * Gradient by the activation's input `x`.
 * h-swish with r = ReLU6(x+3): (x·r/6)' = (r + x where 0 < r < 6)/6, the second term being ReLU6's gradient of x.
 */
export function activationGradient(g: Graph, kind: Layer['activation'], dy: Ref, x: Ref, saved: Ref): Ref {
  switch (kind) {
    case 'id':
      return dy;
    case 're':
      return unaryGradient(g, 'ReluGrad', dy, saved);
    case 'r6':
      return unaryGradient(g, 'Relu6Grad', dy, saved);
    case 'sig':
      return unaryGradient(g, 'SigmoidGrad', saved, dy);
    case 'hsig':
      return unaryGradient(g, 'Relu6Grad', multiply(g, dy, g.float(1 / 6)), saved);
    case 'hs': {
      const slope = add(g, saved, unaryGradient(g, 'Relu6Grad', x, saved));
      return multiply(g, multiply(g, dy, g.float(1 / 6)), slope);
    }
    default:
      return assertNever(kind);
  }
}
