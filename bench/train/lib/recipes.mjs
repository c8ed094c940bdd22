// How the networks are trained, and the rates of a whole training: written down once and handed to both sides.
import {
  learningRate,
  quickRate,
  quickRecipe,
  stepRecipe,
  stepsPerEpoch,
  totalSteps,
} from '../../../dist/train/index.js';

/** Everything that a recipe can ask of a step: RMSProp, decay, smoothing, dropout, moving average, crops, mirroring. */
const full = {
  batch: 64,
  optimiser: { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
  weightDecay: 1e-5,
  labelSmoothing: 0.1,
  dropout: 0.2,
  emaDecay: 0.999,
  norm: { momentum: 0.99, epsilon: 1e-3 },
  pad: 2,
  flip: true,
};

/** `quick` is what the product trains with unless configured otherwise. */
export const recipes = { full, quick: quickRecipe };

/** A recipe as compiled for a training of the given number of steps, with the flag `flip` kept for both sides. */
export function compiled(recipe, steps, pixels) {
  return { ...stepRecipe(recipe, steps, pixels), flip: recipe.flip };
}

/** The product's plan of a whole training by the quick recipe (src/app/study/defaults.ts), and the rate of each step. */
export function wholeTraining(rows, epochs, recipe = quickRecipe) {
  const plan = {
    epochs,
    maxSteps: null,
    learningRate: quickRate * recipe.batch,
    schedule: 'cosine',
    warmupEpochs: Math.min(0.2, epochs / 5),
  };
  const perEpoch = stepsPerEpoch(rows, recipe.batch);
  const rates = Array.from({ length: totalSteps(plan, perEpoch) }, (_, step) =>
    learningRate(plan, recipe, step, perEpoch),
  );
  return { plan, rates };
}
