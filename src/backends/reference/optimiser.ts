import type { OptimiserRecipe } from '../step-recipe.js';

/** What an optimiser remembers about one parameter. */
export interface OptimiserState {
  readonly velocity: Float32Array;
  readonly square: Float32Array;
}

export function startState(size: number): OptimiserState {
  return { velocity: new Float32Array(size), square: new Float32Array(size).fill(1) };
}

/** One step on a parameter's numbers, in place. */
export function optimise(
  recipe: OptimiserRecipe,
  values: Float32Array,
  gradient: Float32Array,
  { velocity, square }: OptimiserState,
  learningRate: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i] as number;
    const v = recipe.momentum * (velocity[i] as number);
    if (recipe.kind === 'momentum') {
      velocity[i] = v + g;
      values[i] = (values[i] as number) - learningRate * (velocity[i] as number);
    } else {
      square[i] = recipe.decay * (square[i] as number) + (1 - recipe.decay) * g * g;
      velocity[i] = v + (learningRate * g) / Math.sqrt((square[i] as number) + recipe.epsilon);
      values[i] = (values[i] as number) - (velocity[i] as number);
    }
  }
}
