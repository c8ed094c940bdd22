import { NasError, type Json, type JsonObject } from '../../core/index.js';
import type { SearchSpace } from '../../space/index.js';

/** The error for a saved state that is not the strategy's own. */
export function badState(found: string): NasError {
  return new NasError({
    code: 'NAS_STRATEGY_STATE',
    found,
    expected: 'the state of the strategy, space and settings the study was made with',
    fix: 'resume with the same settings, or start under another study name',
  });
}

/**
 * What a strategy saved, as far as all of them save the same: its name, version 1 and the space.
 * @returns undefined where nothing was saved
 * @throws NasError `NAS_STRATEGY_STATE` for the state of another strategy, version or space
 */
export function savedState(
  saved: Json | undefined,
  strategy: string,
  space: SearchSpace,
): JsonObject | undefined {
  if (saved === undefined || saved === null) return undefined;
  const state = saved as JsonObject;
  if (state['strategy'] !== strategy || state['version'] !== 1)
    throw badState(`the saved state is not one of ${strategy}, version 1`);
  if (state['space'] !== space.digest) throw badState('the saved state is of another search space');
  return state;
}
