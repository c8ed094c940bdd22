import type { Network, Weights } from '../network/index.js';
import type { ProgramState } from './program-state.js';
import type { StepRecipe } from './step-recipe.js';

/** Pictures as bytes in NHWC order with one label each. */
export interface Examples {
  readonly count: number;
  readonly shape: readonly [number, number, number];
  readonly images: Uint8Array;
  readonly labels: Uint16Array;
}

/** One training step. Arrays are as long as the batch. */
export interface StepInput {
  /** Rows of the training examples. */
  readonly indices: Int32Array;
  /** Top-left corner of the crop in the padded picture, 0 … 2·pad each; `flip` 1 mirrors left and right. */
  readonly top: Int32Array;
  readonly left: Int32Array;
  readonly flip: Uint8Array;
  readonly learningRate: number;
  /** Two 32-bit words that seed the step's dropout. */
  readonly seed: readonly [number, number];
}

export interface StepOutput {
  /** Mean cross-entropy of the batch, smoothing included; NaN or infinite when training diverged. */
  readonly loss: number;
  readonly correct: number;
}

/** A compiled step with the weights inside. Not for concurrent use by two callers. */
export interface TrainingProgram {
  step(input: StepInput): StepOutput;
  /**
   * Correct answers and mean cross-entropy (no smoothing, no dropout) of the current weights, of their moving average
   * where `ema` and the recipe has one; normalisation uses its moving averages.
   */
  evaluate(
    examples: Examples,
    ema: boolean,
  ): { readonly correct: number; readonly loss: number; readonly count: number };
  /** A copy of the weights, or of their moving average; the moving statistics of normalisation included. */
  weights(ema: boolean): Weights;
  /** A copy of all that its further steps depend on. */
  state(): ProgramState;
  /**
   * Continues after the steps of a state, regardless of what was trained before: equal steps then give equal results.
   * @throws RangeError for the state of another network or recipe
   */
  restore(state: ProgramState): void;
  dispose(): void;
}

/** A forward pass compiled for one batch size, normalisation folded. */
export interface InferenceProgram {
  readonly batch: number;
  /** `input`: batch × H × W × C, normalised pixels. Returns batch × classes logits. */
  run(input: Float32Array): Float32Array;
  /**
   * Runs on an input that stays on the device; returns the time of each of `count` samples in ms of one run. A sample is one
   * run, or the mean of several where the clock is too coarse for one.
   */
  time(count: number): readonly number[];
  /** Step of the clock by the runs of a sample, ms; 0 or absent where it is beneath notice. Known once something was timed. */
  readonly clockStepMs?: number;
  dispose(): void;
}

export interface DeviceInfo {
  readonly backend: string;
  readonly device: 'cpu' | 'gpu';
  readonly name: string;
  readonly threads: number;
  readonly versions: Readonly<Record<string, string>>;
}

/** Executes networks. Calls are synchronous: run them in a dedicated worker thread. */
export interface Backend extends AsyncDisposable {
  readonly info: DeviceInfo;
  compileTraining(
    network: Network,
    weights: Weights,
    recipe: StepRecipe,
    training: Examples,
  ): TrainingProgram;
  /** `network` and `weights` as built; folding is done here. */
  compileInference(network: Network, weights: Weights, options: InferenceOptions): InferenceProgram;
}

export interface InferenceOptions {
  readonly batch: number;
  readonly epsilon: number;
}
