/**
 * Batch normalisation's constants (MnasNet §4, MobileNetV3 §6.1: momentum 0.99, epsilon 1e-3). The moving variance
 * follows the batch's unbiased variance.
 */
export interface NormRecipe {
  readonly momentum: number;
  readonly epsilon: number;
}

/**
 * `momentum`: v ← m·v + g, w ← w − lr·v.
 * `rmsprop`: TensorFlow's form, s ← d·s + (1−d)·g², v ← m·v + lr·g/√(s+ε), w ← w − v; s starts at 1, v at 0.
 */
export type OptimiserRecipe =
  | { readonly kind: 'momentum'; readonly momentum: number }
  | { readonly kind: 'rmsprop'; readonly momentum: number; readonly decay: number; readonly epsilon: number };

/** What is fixed when a step is compiled. */
export interface StepRecipe {
  readonly batch: number;
  /**
   * Equal parts of the batch, each normalised by its own statistics (ghost batch normalisation, 1705.08741 §4); gradients and
   * statistics are the means over them. Parts are computed concurrently where a backend can. Divides `batch`. @default 1
   */
  readonly parts?: number;
  readonly optimiser: OptimiserRecipe;
  /** g ← g + weightDecay·w for kernels only. */
  readonly weightDecay: number;
  /** Share of the target spread over all classes, in [0, 1). */
  readonly labelSmoothing: number;
  /** Share of the classifier's inputs that is zeroed, in [0, 1). */
  readonly dropout: number;
  /**
   * Decay of the moving average of weights and of normalisation's statistics; null for none. The step after n steps
   * decays by min(emaDecay, (1+n)/(10+n)).
   */
  readonly emaDecay: number | null;
  readonly norm: NormRecipe;
  /** Zero pixels put around a picture before cropping; 0 for none. */
  readonly pad: number;
  /** (pixel/255 − mean)/deviation per channel. Padding is zero before this, as black. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}
