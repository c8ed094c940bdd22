import { NasError } from '../../core/index.js';

/** The error for a saved state that is not the strategy's own. */
export function badState(found: string): NasError {
  return new NasError({
    code: 'NAS_STRATEGY_STATE',
    found,
    expected: 'the state of the strategy, space and settings the study was made with',
    fix: 'resume with the same settings, or start under another study name',
  });
}
