import type { Network } from '../network/index.js';
import type { Examples, StepInput } from './backend.js';
import type { StepRecipe } from './step-recipe.js';

/** @throws RangeError for examples or a recipe that do not fit the network (a bug of the caller) */
export function checkTraining(network: Network, recipe: StepRecipe, training: Examples): void {
  const { shape, count, images, labels } = training;
  if (shape.join() !== network.input.join())
    throw new RangeError(`pictures of ${shape.join('x')} for a network of ${network.input.join('x')}`);
  if (images.length !== count * shape[0] * shape[1] * shape[2] || labels.length !== count)
    throw new RangeError(`${images.length} bytes and ${labels.length} labels for ${count} pictures`);
  const { batch, parts = 1 } = recipe;
  if (!Number.isInteger(batch / parts)) throw new RangeError(`a batch of ${batch} in ${parts} equal parts`);
  for (const list of [recipe.mean, recipe.deviation])
    if (list.length !== shape[2])
      throw new RangeError(`${list.length} means or deviations for ${shape[2]} channels`);
}

/** @throws RangeError when a list is not as long as the batch */
export function checkStep({ indices, top, left, flip }: StepInput, batch: number): void {
  for (const [name, list] of Object.entries({ indices, top, left, flip }))
    if (list.length !== batch)
      throw new RangeError(`${name}: expected ${batch} numbers, found ${list.length}`);
}

/**
 * Decay of the moving average for the step after `steps` steps: min(decay, (1+steps)/(10+steps)), as TensorFlow's
 * ExponentialMovingAverage with `num_updates`, so that short trainings do not average their start weights in.
 */
export function averageDecay(decay: number, steps: number): number {
  return Math.min(decay, (1 + steps) / (10 + steps));
}

/**
 * Sum of the cross-entropies (no smoothing) and number of correct answers of rows of logits; rows beyond the
 * labels are ignored. The first of equal logits is the answer.
 */
export function crossEntropyOf(
  logits: Float32Array,
  labels: Uint16Array,
  classes: number,
): { readonly correct: number; readonly loss: number } {
  let correct = 0;
  let loss = 0;
  for (let row = 0; row < labels.length; row++) {
    const start = row * classes;
    let best = 0;
    for (let k = 1; k < classes; k++) if (at(logits, start + k) > at(logits, start + best)) best = k;
    const top = at(logits, start + best);
    let sum = 0;
    for (let k = 0; k < classes; k++) sum += Math.exp(at(logits, start + k) - top);
    const label = labels[row] as number;
    loss += Math.log(sum) + top - at(logits, start + label);
    if (best === label) correct++;
  }
  return { correct, loss };
}

const at = (values: Float32Array, index: number) => values[index] as number;
