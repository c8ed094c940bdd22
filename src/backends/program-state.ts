import type { Network, Parameter, Weights } from '../network/index.js';
import type { StepRecipe } from './step-recipe.js';

/** What a training program keeps per parameter: `velocity` and `square` are the optimiser's. */
export type Slot = 'weights' | 'average' | 'velocity' | 'square';

/** All that the further steps of a training program depend on, except its recipe. The same for every backend. */
export interface ProgramState {
  /** Steps done; the decay of the moving average depends on them. */
  readonly steps: number;
  /** The slots of {@link slotsOf}, in its order. */
  readonly slots: ReadonlyMap<Slot, Weights>;
}

/**
 * The slots that a recipe has and the parameters in each, in the network's order: weights and their moving average with
 * normalisation's statistics, the optimiser's without.
 */
export function slotsOf(
  network: Network,
  recipe: Pick<StepRecipe, 'optimiser' | 'emaDecay'>,
): ReadonlyMap<Slot, readonly Parameter[]> {
  const all = network.parameters;
  const trained = all.filter((parameter) => parameter.trained);
  const slots = new Map<Slot, readonly Parameter[]>([['weights', all]]);
  if (recipe.emaDecay !== null) slots.set('average', all);
  slots.set('velocity', trained);
  if (recipe.optimiser.kind === 'rmsprop') slots.set('square', trained);
  return slots;
}

/** @throws RangeError for a state that is not of this network and recipe (a bug: files are checked where they are read) */
export function checkState(network: Network, recipe: StepRecipe, { steps, slots }: ProgramState): void {
  if (!Number.isSafeInteger(steps) || steps < 0) throw new RangeError(`a state after ${steps} steps`);
  const wanted = slotsOf(network, recipe);
  if ([...slots.keys()].join() !== [...wanted.keys()].join())
    throw new RangeError(`a state with ${[...slots.keys()].join()}, expected ${[...wanted.keys()].join()}`);
  for (const [slot, parameters] of wanted)
    for (const { name, size } of parameters) {
      const length = slots.get(slot)?.get(name)?.length;
      if (length !== size)
        throw new RangeError(`${slot} of ${name}: ${length ?? 'no'} numbers, expected ${size}`);
    }
}
