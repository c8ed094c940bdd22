import { NasError } from '../../core/index.js';
import type { Outcome } from '../../trials/index.js';

/** As many failures in a row for one cause end a search. */
const IN_A_ROW = 5;

/** Watches for failures that are not the candidates' own; returns the error to end the search with. */
export interface FailureWatch {
  see(outcome: Outcome): NasError | undefined;
}

/** @param anyDone whether the study has a done trial already: then the surroundings did work once */
export function createFailureWatch(anyDone: boolean): FailureWatch {
  let worked = anyDone;
  let row = 0;
  let last = '';
  return {
    see(outcome) {
      if (outcome.state === 'stopped') return undefined;
      if (outcome.state !== 'failed') {
        worked ||= outcome.state === 'done';
        row = 0;
        return undefined;
      }
      const cause = causeOf(outcome.reason);
      row = cause === last ? row + 1 : 1;
      last = cause;
      if (outcome.deterministic === true && !worked)
        return searchFailed(`the first candidate failed and all would: ${outcome.reason}`);
      if (row >= IN_A_ROW) return searchFailed(`${row} candidates in a row failed: ${outcome.reason}`);
      return undefined;
    },
  };
}

export function searchFailed(found: string): NasError {
  return new NasError({
    code: 'NAS_SEARCH_FAILED',
    found,
    fix: 'remove the cause (nas doctor shows what works here), then resume with --resume',
  });
}

/** Two reasons that differ in numbers only (a loss, a process id) are one cause. */
function causeOf(reason: string): string {
  return reason.replace(/\d+(\.\d+)?/g, '#');
}
