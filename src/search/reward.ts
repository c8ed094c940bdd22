import { messageOf, NasError, type Ms, type Ratio } from '../core/index.js';
import type { Outcome } from '../trials/index.js';

/** One number to maximise, of an accuracy and a latency (> 0). */
export type Reward = (accuracy: Ratio, latencyMs: Ms) => number;

export type RewardKind = 'soft' | 'hard' | 'absolute';

/**
 * - `soft`, `hard`: MnasNet §3.1 eq. 2 and 3, ACC × (LAT/TAR)^w with w = `alpha` where LAT ≤ TAR and `beta`
 *   above. Defaults as in the paper: soft −0.07 both (then the target is a constant factor and does not steer),
 *   hard 0 and −1.
 * - `absolute`: TuNAS §3 eq. 2, ACC + `beta`·|LAT/TAR − 1|; default −0.07 as in the paper. No `alpha`.
 */
export interface RewardOptions {
  readonly kind: RewardKind;
  readonly targetMs: Ms;
  /** At most 0. */
  readonly alpha?: number;
  /** Below 0. */
  readonly beta?: number;
}

/** @throws NasError `NAS_BAD_REWARD` for exponents that would reward slowness, or an `alpha` without a meaning */
export function createReward(options: RewardOptions): Reward {
  const { kind, targetMs } = options;
  const alpha = options.alpha ?? (kind === 'soft' ? -0.07 : 0);
  const beta = options.beta ?? (kind === 'hard' ? -1 : -0.07);
  if (!(beta < 0 && Number.isFinite(beta))) throw badReward(`beta ${beta}`, 'a number below 0');
  if (!(alpha <= 0 && Number.isFinite(alpha))) throw badReward(`alpha ${alpha}`, 'a number not above 0');
  if (kind === 'absolute' && options.alpha !== undefined)
    throw badReward('alpha with the absolute reward', 'beta only');
  if (!(targetMs > 0)) throw new RangeError(`not a target latency: ${targetMs}`);
  return (accuracy, latencyMs) => {
    if (!(latencyMs > 0)) throw new RangeError(`not a latency: ${latencyMs}`);
    const relative = latencyMs / targetMs;
    return kind === 'absolute'
      ? accuracy + beta * Math.abs(relative - 1)
      : accuracy * relative ** (relative <= 1 ? alpha : beta);
  };
}

/**
 * An outcome and its reward. A user's own reward may throw or give no finite number: that ends the candidate as failed,
 * with what it had reached in the reason.
 */
export function rewarded(
  outcome: Outcome,
  rewardOf: (outcome: Outcome) => number | null,
): { readonly outcome: Outcome; readonly reward: number | null } {
  try {
    const reward = rewardOf(outcome);
    if (reward === null || Number.isFinite(reward)) return { outcome, reward };
    return { outcome: unrewarded(outcome, `${reward}`), reward: null };
  } catch (error) {
    return { outcome: unrewarded(outcome, messageOf(error)), reward: null };
  }
}

function unrewarded(outcome: Outcome, why: string): Outcome {
  const { latency, seconds } = outcome;
  const reached = outcome.state === 'done' ? ` of accuracy ${outcome.accuracy.toPrecision(4)}` : '';
  const curve = 'curve' in outcome ? outcome.curve : [];
  return { state: 'failed', reason: `no reward${reached}: ${why}`, latency, curve, seconds };
}

function badReward(found: string, expected: string): NasError {
  return new NasError({ code: 'NAS_BAD_REWARD', found, expected });
}
