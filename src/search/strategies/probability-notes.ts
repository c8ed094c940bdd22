import { noteIfWritable } from '../../core/index.js';
import type { SearchSpace } from '../../space/index.js';
import { recordController, type TrialStore } from '../../trials/index.js';
import type { Strategy } from './strategy.js';

/**
 * Keeps how the strategy's probabilities develop, where it has any; never read by the search.
 * @returns to be called with the number of trials reported so far, at the start and whenever it has grown
 */
export function probabilityNotes(
  strategy: Strategy,
  space: SearchSpace,
  store: TrialStore,
): (reported: number) => void {
  const { probabilities } = strategy;
  if (probabilities === undefined) return () => undefined;
  const choices = space.choices.map(({ name, options }) => ({ choice: name, options: options.map(String) }));
  const history = recordController(store, choices);
  return (reported) => {
    noteIfWritable(() => {
      history.record(reported, probabilities);
    });
  };
}
