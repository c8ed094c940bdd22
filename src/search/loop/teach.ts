import { withPauses, type Pause } from '../../core/index.js';
import type { Finished, Proposal, Strategy } from '../strategies/strategy.js';

/** Asks a strategy, with pauses where it thinks for long. */
export async function askOf(
  strategy: Strategy,
  about: Parameters<Strategy['ask']>,
  pause: Pause,
): Promise<readonly Proposal[]> {
  if (strategy.askInParts === undefined) return strategy.ask(...about);
  return withPauses(strategy.askInParts(...about), pause);
}

/** Teaches a strategy, with pauses where it learns for long. */
export async function teach(strategy: Strategy, finished: readonly Finished[], pause: Pause): Promise<void> {
  if (strategy.tellInParts === undefined) return strategy.tell(finished);
  for (const _ of strategy.tellInParts(finished)) await pause();
}
