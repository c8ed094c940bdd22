import type { NormRecipe, OptimiserRecipe, StepRecipe } from '../backends/index.js';

/** How a network is trained, independent of the data and the length of the training. Plain data, part of a study's specification. */
export interface Recipe {
  /** Pictures per step. */
  readonly batch: number;
  readonly optimiser: OptimiserRecipe;
  /** L2 decay of kernels, added to their gradient. */
  readonly weightDecay: number;
  /** Share of the target spread over all classes, in [0, 1). */
  readonly labelSmoothing: number;
  /** Share of the classifier's inputs that is zeroed, in [0, 1). */
  readonly dropout: number;
  /** Decay of the moving average of weights, see {@link settled}; null for none. */
  readonly emaDecay: number | null;
  /** `norm.momentum` likewise. */
  readonly norm: NormRecipe;
  /** Black pixels around a picture before it is cropped back at random; 0 for no cropping. */
  readonly pad: number;
  /** Mirror every second picture, where the data set allows it. */
  readonly flip: boolean;
  /** Of schedule `exponential`; {@link mnasnetDecay} where it is left out. */
  readonly decay?: ExponentialDecay;
}

/** The learning rate is multiplied by `factor` each time `everyEpochs` epochs have passed since the start. */
export interface ExponentialDecay {
  readonly factor: number;
  readonly everyEpochs: number;
}

/** MnasNet §5: decayed by 0.97 every 2.4 epochs. */
export const mnasnetDecay: ExponentialDecay = { factor: 0.97, everyEpochs: 2.4 };

/** MobileNetV3 §6.1.1: "learning rate decay rate of 0.01 every 3 epochs". */
export const mobilenetV3Decay: ExponentialDecay = { factor: 0.99, everyEpochs: 3 };

/**
 * The papers' training: RMSProp with decay and momentum 0.9 (MnasNet §5, MobileNetV3 §6.1.1), epsilon 1e-3 (MnasNet's
 * released code, `build_optimizer`), weight decay 1e-5, dropout 0.2, normalisation momentum 0.99, average of
 * weights 0.9999 (MobileNetV3). The papers use batches of 4096; pictures here are cropped from a padded frame.
 * Goes with schedule `exponential`, five epochs of warm-up and a peak rate of 0.256 per 4096 pictures (MnasNet).
 */
export const paperRecipe: Recipe = {
  batch: 128,
  optimiser: { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
  weightDecay: 1e-5,
  labelSmoothing: 0,
  dropout: 0.2,
  emaDecay: 0.9999,
  norm: { momentum: 0.99, epsilon: 1e-3 },
  pad: 4,
  flip: true,
};

/**
 * For small pictures and few epochs: momentum SGD, to be used with schedule `cosine`, a tenth of an epoch of
 * warm-up and {@link quickRate}. Chosen on Fashion-MNIST's held-out tenth (standard error 0.4 points) with
 * mobilenet_v3_small@0.35, one epoch, one run each: batch 128 with crops by 2 reached 82.9 %, batch 64 84.7 %, batch 64
 * without crops 87.4 %. Double and triple rates were half a point worse, weight decay 5e-5 one point; RMSProp at the
 * one rate tried (0.008) two and a half. Leaving out the crops is right for a few epochs only.
 */
export const quickRecipe: Recipe = {
  batch: 64,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  weightDecay: 5e-4,
  labelSmoothing: 0,
  dropout: 0,
  emaDecay: 0.999,
  norm: { momentum: 0.9, epsilon: 1e-3 },
  pad: 0,
  flip: true,
};

/** Peak learning rate of {@link quickRecipe} per picture of the batch. */
export const quickRate = 0.1 / 64;

/** Peak learning rate of {@link paperRecipe} per picture of the batch: 0.256 at 4096 (MnasNet §5). */
export const paperRate = 0.256 / 4096;

/**
 * The decay of a moving average that settles within a training of the given number of steps: min(decay, (1+n)/(10+n)), the
 * value to which TensorFlow's ExponentialMovingAverage with `num_updates` rises. A compiled step's decay is
 * fixed, hence the last value from the start; what the average began with keeps a share below e⁻⁸ from 100 steps on.
 */
export function settled(decay: number, steps: number): number {
  return Math.min(decay, (1 + steps) / (10 + steps));
}

/**
 * What of a recipe is compiled into the step, for one data set and one length of training.
 * @param parts of a batch; one where it does not divide the batch
 */
export function stepRecipe(
  recipe: Recipe,
  steps: number,
  pixels: { readonly mean: readonly number[]; readonly deviation: readonly number[] },
  parts = 1,
): StepRecipe {
  return {
    batch: recipe.batch,
    ...(parts > 1 && recipe.batch % parts === 0 ? { parts } : {}),
    optimiser: recipe.optimiser,
    weightDecay: recipe.weightDecay,
    labelSmoothing: recipe.labelSmoothing,
    dropout: recipe.dropout,
    emaDecay: recipe.emaDecay === null ? null : settled(recipe.emaDecay, steps),
    norm: { momentum: settled(recipe.norm.momentum, steps), epsilon: recipe.norm.epsilon },
    pad: recipe.pad,
    mean: pixels.mean,
    deviation: pixels.deviation,
  };
}
