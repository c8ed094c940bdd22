import type { Pause } from '../../core/index.js';
import type { Finished, Strategy } from '../strategies/strategy.js';

/** Teaches a strategy, with pauses where it learns for long. */
export async function teach(strategy: Strategy, finished: readonly Finished[], pause: Pause): Promise<void> {
  if (strategy.tellInParts === undefined) return strategy.tell(finished);
  for (const _ of strategy.tellInParts(finished)) await pause();
}
