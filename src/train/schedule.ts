import { assertNever, NasError } from '../core/index.js';
import type { TrainingPlan } from '../trials/index.js';
import { mnasnetDecay, type Recipe } from './recipe.js';

/** Steps in an epoch: the last, partial batch is dropped. @throws NasError `NAS_BATCH_TOO_LARGE` when none is left */
export function stepsPerEpoch(rows: number, batch: number): number {
  const steps = Math.floor(rows / batch);
  if (steps > 0) return steps;
  throw new NasError({
    code: 'NAS_BATCH_TOO_LARGE',
    found: `a batch of ${batch} from ${rows} training pictures`,
    expected: 'at least one full batch',
    fix: `use a batch of at most ${rows}, or more pictures`,
  });
}

/** Steps of a whole training, at least 1. Epochs may be a fraction. */
export function totalSteps(plan: TrainingPlan, perEpoch: number): number {
  const steps = Math.max(1, Math.round(plan.epochs * perEpoch));
  return plan.maxSteps === null ? steps : Math.max(1, Math.min(steps, plan.maxSteps));
}

/**
 * The learning rate of step 0, 1, ….
 *
 * Warm-up rises in a straight line from 0 over `warmupEpochs`, at most `warmupShare` of all steps: its last step has the
 * peak rate. Then
 * - `cosine` falls from the peak as half a cosine and reaches 0 one step behind the last one;
 * - `exponential` multiplies by the decay's factor in steps counted from the start of training, as MnasNet's
 *   released `build_learning_rate` does (staircase, warm-up included in the count);
 * - `constant` stays at the peak.
 */
export function learningRate(
  plan: TrainingPlan,
  recipe: Pick<Recipe, 'decay'>,
  step: number,
  perEpoch: number,
): number {
  const total = totalSteps(plan, perEpoch);
  const longest = plan.warmupShare === undefined ? total - 1 : Math.floor(plan.warmupShare * total);
  const warmup = Math.min(Math.floor(plan.warmupEpochs * perEpoch), longest, total - 1);
  if (step < warmup) return (plan.learningRate * (step + 1)) / warmup;
  switch (plan.schedule) {
    case 'constant':
      return plan.learningRate;
    case 'cosine':
      return (plan.learningRate / 2) * (1 + Math.cos((Math.PI * (step - warmup)) / (total - warmup)));
    case 'exponential': {
      const { factor, everyEpochs } = recipe.decay ?? mnasnetDecay;
      // The small addend undoes the division's rounding where a step falls on the edge of a stair.
      return plan.learningRate * factor ** Math.floor(step / (everyEpochs * perEpoch) + 1e-9);
    }
    default:
      return assertNever(plan.schedule);
  }
}
