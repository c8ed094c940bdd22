import type { OptimiserRecipe } from '../../step-recipe.js';
import type { Graph, Ref } from '../graph/graph.js';
import { add, multiply, subtract } from '../graph/operations.js';
import { attribute, DType } from '../graph/proto.js';
import { assign, variable, type Variable } from '../graph/variables.js';

const T = attribute.type(DType.float);

/** A vector of parameters with what its optimiser remembers. */
export interface Trained {
  readonly weights: Variable;
  readonly memory: { readonly velocity: Variable; readonly square?: Variable };
  /** To be run once, after the weights are set. */
  readonly start: readonly Ref[];
  /** One step against a gradient; returns nodes to wait for. */
  update(gradient: Ref, learningRate: Ref): Ref;
}

/** `weightDecay` > 0 adds weightDecay·w to the gradient. */
export function trained(
  g: Graph,
  weights: Variable,
  name: string,
  shape: readonly number[],
  recipe: OptimiserRecipe,
  weightDecay: number,
): Trained {
  const velocity = variable(g, `${name}.velocity`, shape, DType.float);
  const square = recipe.kind === 'rmsprop' ? variable(g, `${name}.square`, shape, DType.float) : undefined;
  const filled = (v: Variable, value: number) =>
    assign(
      g,
      v,
      g.node('Fill', [g.ints(...shape), g.float(value)], { T, index_type: attribute.type(DType.int32) }),
    );
  return {
    weights,
    memory: square === undefined ? { velocity } : { velocity, square },
    start: [filled(velocity, 0), ...(square === undefined ? [] : [filled(square, 1)])],
    update(gradient, learningRate) {
      const decayed =
        weightDecay > 0 ? add(g, gradient, multiply(g, weights.value, g.float(weightDecay))) : gradient;
      if (recipe.kind === 'momentum' || square === undefined)
        return g.node(
          'ResourceApplyMomentum',
          [weights.handle, velocity.handle, learningRate, decayed, g.float(recipe.momentum)],
          { T, use_locking: attribute.bool(false), use_nesterov: attribute.bool(false) },
        );
      return g.node(
        'ResourceApplyRMSProp',
        [
          weights.handle,
          square.handle,
          velocity.handle,
          learningRate,
          g.float(recipe.decay),
          g.float(recipe.momentum),
          g.float(recipe.epsilon),
          decayed,
        ],
        { T, use_locking: attribute.bool(false) },
      );
    },
  };
}

/** average ← average − (1−decay)·(average − value), after `after`. Returns the node to wait for. */
export function moveAverage(
  g: Graph,
  average: Variable,
  current: Variable,
  decay: Ref,
  after: readonly Ref[],
): Ref {
  const value = g.node('ReadVariableOp', [current.handle], { dtype: T }, { after });
  const step = multiply(g, subtract(g, average.value, value), subtract(g, g.float(1), decay));
  return g.node('AssignSubVariableOp', [average.handle, step], { dtype: T });
}
