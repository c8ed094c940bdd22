import { createRng, mean, ms, type Ms } from '../../core/index.js';
import type { Architecture } from '../../space/index.js';
import { featuresOf, VECTOR_WIDTHS } from './features.js';
import { fitModel, latencyBy, type Example, type Model } from './model.js';

/** A latency that was not timed, of one fingerprint. */
export interface Prediction {
  readonly medianMs: Ms;
  /** Holds the measured median with the predictor's confidence, for networks like those it learned from. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Kinds of work that it has never seen, in words; empty for a network like those it learned from. */
  readonly lacking: readonly string[];
}

export interface Observation {
  readonly architecture: Architecture;
  /** Measured, of one fingerprint. */
  readonly medianMs: number;
}

export interface Predictor {
  /** Distinct networks that it learned from. */
  readonly observations: number;
  /** Mean absolute error as a share of the measured latency, each network predicted without itself. */
  readonly error: number;
  /** Channels that the device seems to process together. */
  readonly vectorWidth: number;
  predict(architecture: Architecture): Prediction;
}

export interface PredictorOptions {
  /** Share of measured medians that the interval is to hold, in (0, 1). @default 0.9 */
  readonly confidence?: number;
  /** Seeds the folds. */
  readonly seed?: string;
}

/** Fewer networks than this teach nothing that an interval could be put around. */
export const LEAST_OBSERVATIONS = 20;
const FOLDS = 10;

/** What was learned, as plain data that crosses threads; {@link predictorOf} predicts with it. */
export interface Fitted {
  readonly observations: number;
  readonly error: number;
  readonly vectorWidth: number;
  /** Factor from the prediction to either end of the interval. */
  readonly spread: number;
  readonly model: Model;
}

/**
 * Learns the latency of one fingerprint from measured networks. The interval is split-conformal (Vovk et al. 2005;
 * Lei et al. 2018 §2.2) with each tenth of the networks in turn as the calibration part, so that none is given up: the
 * relative errors |ln measured − ln predicted| of networks that the fit did not see, and of these the
 * ⌈(n + 1)·confidence⌉-th smallest. The device's vector width is taken from the same errors: the number with the least.
 * Takes up to a second of the thread for some hundred networks.
 * @returns null for fewer than {@link LEAST_OBSERVATIONS} networks
 */
export function fit(
  observations: readonly Observation[],
  { confidence = 0.9, seed = 'predictor' }: PredictorOptions = {},
): Fitted | null {
  if (observations.length < LEAST_OBSERVATIONS) return null;
  const { vectorWidth, examples, misses } = VECTOR_WIDTHS.map((count) =>
    evaluated(observations, count, seed),
  ).reduce((best, other) => (missed(other.misses) < missed(best.misses) ? other : best));
  const scores = misses.map(score).sort((a, b) => a - b);
  const rank = Math.min(scores.length, Math.ceil((scores.length + 1) * confidence));
  return {
    observations: observations.length,
    error: mean(misses.map((miss) => Math.abs(1 - miss))),
    vectorWidth,
    spread: Math.exp(scores[rank - 1] as number),
    model: fitModel(examples),
  };
}

/** Predicts with what {@link fit} learned. */
export function predictorOf({ observations, error, vectorWidth, spread, model }: Fitted): Predictor {
  return Object.freeze({
    observations,
    error,
    vectorWidth,
    predict(architecture: Architecture): Prediction {
      const features = featuresOf(architecture, vectorWidth);
      const centre = latencyBy(model, features);
      return Object.freeze({
        medianMs: ms(centre),
        lowMs: centre / spread,
        highMs: centre * spread,
        lacking: Object.freeze([...features.keys()].filter((name) => !model.has(name))),
      });
    },
  });
}

/** {@link fit} and {@link predictorOf} together. @returns null for fewer than {@link LEAST_OBSERVATIONS} networks */
export function fitPredictor(
  observations: readonly Observation[],
  options: PredictorOptions = {},
): Predictor | null {
  const fitted = fit(observations, options);
  return fitted === null ? null : predictorOf(fitted);
}

/** The networks' features at a vector width, and predicted by measured latency of each. */
function evaluated(observations: readonly Observation[], vectorWidth: number, seed: string) {
  const examples = observations.map(({ architecture, medianMs }): Example => ({
    features: featuresOf(architecture, vectorWidth),
    latencyMs: medianMs,
  }));
  return { vectorWidth, examples, misses: outOfFold(examples, seed) };
}

const score = (miss: number): number => Math.abs(Math.log(miss));
const missed = (misses: readonly number[]): number => mean(misses.map(score));

/** Predicted by measured latency of each example, by a fit that did not see it. */
function outOfFold(examples: readonly Example[], seed: string): number[] {
  const order = createRng(seed).shuffle(examples);
  return Array.from({ length: FOLDS }, (_, fold) => {
    const held = order.filter((_, i) => i % FOLDS === fold);
    const model = fitModel(order.filter((_, i) => i % FOLDS !== fold));
    return held.map(
      ({ features, latencyMs }) => Math.max(latencyBy(model, features), Number.MIN_VALUE) / latencyMs,
    );
  }).flat();
}
