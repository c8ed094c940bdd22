import type { Json, JsonObject } from '../../core/index.js';
import type { SearchSpace } from '../../space/index.js';
import { baselineOf, follow, type Baseline } from './baseline.js';
import { decodeFloats, encodeFloats } from './ppo/floats.js';
import { draw } from './ppo/marginals.js';
import { badState, savedState } from './saved-state.js';
import type { Finished, Strategy } from './strategy.js';

export interface ReinforceSettings {
  /** Step of the gradient ascent, for an advantage of one deviation of the rewards. */
  readonly learningRate: number;
  /** Weight of the past in the moving average of rewards that is subtracted from each reward; in [0, 1). */
  readonly baselineDecay: number;
}

/**
 * Baseline of TuNAS's released code (google-research/tunas, 0.95). Its learning rate, 0.0003 with Adam, is made for the
 * thousands of steps of a network with shared weights; this one moves within a hundred trials.
 */
export const REINFORCE: ReinforceSettings = { learningRate: 0.3, baselineDecay: 0.95 };

/** Marks what was drawn from the policy: REINFORCE learns from nothing else. */
const DRAWN: Json = { drawn: 'policy' };

/**
 * TuNAS's controller (Bender et al. 2020, 2008.06120, §3): a distribution over the options of each choice, independent of the other
 * choices, moved by REINFORCE (Williams 1992) with a moving average of rewards as baseline. Rewards are divided by their
 * moving deviation, as in `ppo` for small budgets. The saved state grows with the space, not with the trials.
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space
 */
export function createReinforce(space: SearchSpace, settings: ReinforceSettings, saved?: Json): Strategy {
  const sizes = space.choices.map(({ options }) => options.length);
  const { logits, baseline: begun } = restored(space, sizes, saved);
  let baseline = begun;

  const probabilities = (): readonly Float64Array[] => logits.map(softmax);

  function learn({ genome, reward, note }: Finished): void {
    if (reward === null || !isDrawn(note)) return;
    const centre = baseline.count === 0 ? reward : baseline.value;
    baseline = follow(baseline, [reward], centre, settings.baselineDecay);
    const advantage = (reward - centre) / (Math.sqrt(baseline.variance) + 1e-6);
    logits.forEach((own, choice) => {
      const likely = softmax(own);
      for (let k = 0; k < own.length; k++) {
        // ∇ log p(gene) by a logit is 1 − p for the option drawn, −p for the others.
        const gradient = Number(k === genome[choice]) - (likely[k] as number);
        own[k] = Math.fround((own[k] as number) + settings.learningRate * advantage * gradient);
      }
    });
  }

  return {
    name: 'reinforce',
    ask(count, _pending, rng) {
      const likely = probabilities();
      return Array.from({ length: count }, () => ({
        genome: likely.map((own) => draw(own, rng.uniform())),
        note: DRAWN,
      }));
    },
    tell(finished) {
      finished.forEach(learn);
    },
    probabilities: () => probabilities().map((own) => [...own]),
    save: () => ({
      strategy: 'reinforce',
      version: 1,
      space: space.digest,
      logits: encodeFloats(logits.flatMap((own) => [...own])),
      baseline: { ...baseline },
    }),
  };
}

function isDrawn(note: Json): boolean {
  return note !== null && typeof note === 'object' && 'drawn' in note;
}

function softmax(logits: Float64Array): Float64Array {
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

interface Restored {
  readonly logits: readonly Float64Array[];
  readonly baseline: Baseline;
}

function restored(space: SearchSpace, sizes: readonly number[], saved: Json | undefined): Restored {
  const state: JsonObject | undefined = savedState(saved, 'reinforce', space);
  if (state === undefined)
    return {
      logits: sizes.map((size) => new Float64Array(size)),
      baseline: { value: 0, variance: 0, count: 0 },
    };
  const total = sizes.reduce((a, b) => a + b, 0);
  const flat = decodeFloats(state['logits'], total);
  const baseline = baselineOf(state['baseline']);
  if (flat === undefined || baseline === undefined)
    throw badState('the saved state has no probabilities of this space');
  let at = 0;
  return { logits: sizes.map((size) => flat.slice(at, (at += size))), baseline };
}
