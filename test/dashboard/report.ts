import { viewOfStudy, viewOfTrial } from '../../src/app/index.js';
import { readStudy } from '../../src/trials/index.js';

export { readPageBundle } from '../../src/report/index.js';

/** What a report of this study holds, with these trials' pages. */
export function viewsOf(folder: string, trials: readonly number[]): object {
  using reader = readStudy(folder);
  return {
    study: viewOfStudy(reader),
    trials: Object.fromEntries(trials.map((trial) => [trial, viewOfTrial(reader, trial)])),
  };
}
