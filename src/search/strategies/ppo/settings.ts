/** How the controller learns. */
export interface PpoSettings {
  /** Units of the LSTM and size of its embeddings. */
  readonly hidden: number;
  /** Step of Adam. */
  readonly learningRate: number;
  /** Weight of the entropy of each token's distribution in the objective. */
  readonly entropy: number;
  /** Weight of the past in the moving average of rewards that is subtracted from each reward; in [0, 1). */
  readonly baselineDecay: number;
  /** PPO's ε: how far a token's probability may move from the one it was drawn with before its gradient is cut. */
  readonly clip: number;
  /** Passes over the trials of one update. */
  readonly epochs: number;
  /** Finished trials that make one update. */
  readonly updateEvery: number;
  /** Divides advantages by the moving deviation of rewards, so that `entropy` means the same at any scale. */
  readonly normalise: boolean;
}

/**
 * The published controller (NASNet, 1707.07012, appendix A, which MnasNet takes over): 100 units, learning rate
 * 0.00035, entropy 1e-5, baseline 0.95. Clip, epochs and update size are not given there; these are PPO's usual
 * ones. It is made for thousands of trials.
 */
export const PAPER: PpoSettings = {
  hidden: 100,
  learningRate: 0.00035,
  entropy: 1e-5,
  baselineDecay: 0.95,
  clip: 0.2,
  epochs: 4,
  updateEvery: 20,
  normalise: false,
};

/**
 * For budgets of tens to hundreds of trials: the same controller, with larger and more frequent steps. At 24 and 50
 * trials no gain over random sampling could be measured on NAS-Bench-201 (bench/search/nasbench201.json); it needs some
 * hundred.
 */
export const SMALL_BUDGET: PpoSettings = {
  ...PAPER,
  learningRate: 0.01,
  entropy: 0.01,
  updateEvery: 4,
  normalise: true,
};
