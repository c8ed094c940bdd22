import { withoutPauses } from '../../../core/index.js';
import type { Controller, Trace } from './controller.js';

/** One finished trial as PPO sees it. */
export interface Sample {
  readonly genome: readonly number[];
  /** Logarithm of each token's probability when it was drawn. */
  readonly logp: ArrayLike<number>;
  readonly advantage: number;
}

export interface ObjectiveSettings {
  readonly clip: number;
  readonly entropy: number;
}

/**
 * PPO's clipped objective (Schulman et al. 2017, eq. 7), each token an action with the trial's advantage, plus the
 * entropy of each token's distribution; as a loss, averaged over samples. Adds its derivatives to `gradient`.
 * @returns the loss
 */
export function ppoLoss(
  controller: Controller,
  weights: Float64Array,
  samples: readonly Sample[],
  settings: ObjectiveSettings,
  gradient: Float64Array,
): number {
  return samples.reduce(
    (loss, sample) =>
      loss + withoutPauses(sampleLoss(controller, weights, sample, samples.length, settings, gradient)),
    0,
  );
}

/** One sample's share of {@link ppoLoss} over the given number, in parts of a few choices each. */
export function* sampleLoss(
  controller: Controller,
  weights: Float64Array,
  sample: Sample,
  samples: number,
  settings: ObjectiveSettings,
  gradient: Float64Array,
): Generator<void, number> {
  let loss = 0;
  const trace = controller.run(weights, (t) => sample.genome[t] as number);
  yield;
  const byLogits: Float64Array[] = [];
  for (const [t, { probabilities, token }] of trace.steps.entries()) {
    const ratio = Math.exp(Math.log(probabilities[token] as number) - (sample.logp[t] as number));
    const limited = Math.min(Math.max(ratio, 1 - settings.clip), 1 + settings.clip);
    const free = ratio * sample.advantage;
    const objective = Math.min(free, limited * sample.advantage);
    const uncertainty = entropyOf(probabilities);
    loss -= (objective + settings.entropy * uncertainty) / samples;
    const pull = objective === free ? free : 0;
    byLogits.push(
      probabilities.map((p, k) => {
        const byPull = pull * ((k === token ? 1 : 0) - p);
        const byEntropy = p > 0 ? -p * (Math.log(p) + uncertainty) : 0;
        return -(byPull + settings.entropy * byEntropy) / samples;
      }),
    );
  }
  yield* controller.backward(weights, trace, byLogits, gradient);
  return loss;
}

/** Logarithm of each token's probability in a run. */
export function logProbabilities(trace: Trace): number[] {
  return trace.steps.map(({ probabilities, token }) => Math.log(probabilities[token] as number));
}

function entropyOf(probabilities: Float64Array): number {
  return -probabilities.reduce((sum, p) => (p > 0 ? sum + p * Math.log(p) : sum), 0);
}
