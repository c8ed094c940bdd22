/** Trains one candidate: recipe, schedule, epochs, evaluation. What may happen to a training is a value. */
export { evaluateWeights, type EvaluateOptions } from './evaluate.js';
export type { Evaluation } from './evaluate-program.js';
export type { TimingLock } from './timing-lock.js';
export {
  mobilenetV3Decay,
  paperRate,
  paperRecipe,
  quickRate,
  quickRecipe,
  settled,
  stepRecipe,
  type ExponentialDecay,
  type Recipe,
} from './recipe.js';
export type { Diverged, Trained, TrainingStopped, TrainResult } from './result.js';
export type { SavedTraining } from './saved-training.js';
export { learningRate, stepsPerEpoch, totalSteps } from './schedule.js';
export { trainCandidate, type TrainOptions, type TrainProgress } from './train.js';
