import { createRng, withoutPauses, type Json, type JsonObject } from '../../../core/index.js';
import type { SearchSpace } from '../../../space/index.js';
import { baselineOf, follow, type Baseline } from '../baseline.js';
import { badState, savedState } from '../saved-state.js';
import type { Finished, Strategy } from '../strategy.js';
import { adamStep, type Moments } from './adam.js';
import { createController } from './controller.js';
import { draw, marginals } from './marginals.js';
import { decodeFloats, encodeFloats } from './floats.js';
import { logProbabilities, sampleLoss } from './objective.js';
import type { PpoSettings } from './settings.js';

/** A finished trial that waits for the next update. */
interface Learnt {
  readonly genome: readonly number[];
  readonly logp: string;
  readonly reward: number;
}

/**
 * MnasNet's controller, trained by PPO. Advantage: reward − moving average before this update (of the first update:
 * its own mean). A trial without a note was not drawn from the controller and teaches nothing. The saved state
 * grows with the space, not with the trials.
 * @param seed of the controller's first weights
 * @throws NasError `NAS_STRATEGY_STATE` when `saved` is not of this space and these settings
 */
export function createPpo(space: SearchSpace, settings: PpoSettings, seed: string, saved?: Json): Strategy {
  const options = space.choices.map((choice) => choice.options.length);
  const controller = createController(options, settings.hidden);
  const size = controller.parameters;
  const state = savedState(saved, 'ppo', space);
  const start =
    state === undefined
      ? {
          weights: controller.initial(createRng(seed).fork('ppo')),
          moments: { first: new Float64Array(size), second: new Float64Array(size), step: 0 } as Moments,
          baseline: { value: 0, variance: 0, count: 0 } as Baseline,
          waiting: [] as readonly Learnt[],
        }
      : restore(state, size);
  const { weights } = start;
  let { moments, baseline, waiting } = start;
  /** Encoded weights and moments, and what they make likely, until they change. */
  let encoded: readonly [string, string, string] | undefined;
  let likely: readonly (readonly number[])[] | undefined;
  /** Whether anybody asks for the probabilities; they are then kept up to date. */
  let watched = false;

  function* update(): Generator<void, void> {
    const rewards = waiting.map((trial) => trial.reward);
    const centre =
      baseline.count === 0 ? rewards.reduce((a, b) => a + b, 0) / rewards.length : baseline.value;
    const next = follow(baseline, rewards, centre, settings.baselineDecay);
    const scale = settings.normalise ? Math.sqrt(next.variance) + 1e-6 : 1;
    const samples = waiting.map((trial) => ({
      genome: trial.genome,
      logp: decodeFloats(trial.logp, options.length) as Float64Array,
      advantage: (trial.reward - centre) / scale,
    }));
    for (let epoch = 0; epoch < settings.epochs; epoch++) {
      const gradient = new Float64Array(size);
      for (const sample of samples)
        yield* sampleLoss(controller, weights, sample, samples.length, settings, gradient);
      moments = adamStep(weights, gradient, moments, settings.learningRate);
    }
    baseline = next;
    waiting = [];
    encoded = undefined;
    likely = undefined;
  }

  function* tellInParts(finished: readonly Finished[]): Generator<void, void> {
    for (const trial of finished) {
      if (trial.reward === null || trial.note === null) continue;
      waiting = [...waiting, learnt(trial, options.length)];
      if (waiting.length >= settings.updateEvery) yield* update();
    }
    if (watched) likely ??= yield* marginals(controller, weights, createRng(seed).fork('probabilities'));
  }

  return {
    name: 'ppo',
    ask: (count, _pending, rng) =>
      Array.from({ length: count }, () => {
        const trace = controller.run(weights, (_t, probabilities) => draw(probabilities, rng.uniform()));
        return {
          genome: trace.steps.map((step) => step.token),
          note: { logp: encodeFloats(logProbabilities(trace)) },
        };
      }),
    tell: (finished) => {
      withoutPauses(tellInParts(finished));
    },
    tellInParts,
    probabilities() {
      watched = true;
      return (likely ??= withoutPauses(
        marginals(controller, weights, createRng(seed).fork('probabilities')),
      ));
    },
    save() {
      encoded ??= [encodeFloats(weights), encodeFloats(moments.first), encodeFloats(moments.second)];
      return {
        strategy: 'ppo',
        version: 1,
        space: space.digest,
        weights: encoded[0],
        first: encoded[1],
        second: encoded[2],
        step: moments.step,
        baseline: { ...baseline },
        waiting: waiting.map((trial) => ({ ...trial })),
      };
    },
  };
}

function learnt(trial: Finished, length: number): Learnt {
  const logp = (trial.note as JsonObject | null)?.['logp'];
  if (decodeFloats(logp, length) === undefined || trial.reward === null)
    throw badState(`trial ${trial.trial} has no log-probabilities of this space in its note`);
  return { genome: [...trial.genome], logp: logp as string, reward: trial.reward };
}

function restore(state: JsonObject, size: number) {
  const [weights, first, second] = ['weights', 'first', 'second'].map((key) =>
    decodeFloats(state[key], size),
  );
  const baseline = baselineOf(state['baseline']);
  if (
    !weights ||
    !first ||
    !second ||
    !baseline ||
    typeof state['step'] !== 'number' ||
    !Array.isArray(state['waiting'])
  )
    throw badState('the saved state is not of a controller of this size');
  return {
    weights,
    moments: { first, second, step: state['step'] } as Moments,
    baseline,
    waiting: state['waiting'] as unknown as readonly Learnt[],
  };
}
