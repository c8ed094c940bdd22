import { formatMs, NasError, type Ms } from '../../core/index.js';
import { searchFailed } from './failures.js';
import type { SearchStatistics } from './statistics.js';
import type { Exhausted } from './proposer.js';

/** Why a search ended. `exhausted`: no architecture was found that had not been tried. */
export type StopReason = 'trials' | 'seconds' | 'exhausted' | 'interrupted';

/** The error for a search that came to its end without one done candidate: that is never a success. */
export function nothingDone(statistics: SearchStatistics, targetMs: Ms): NasError {
  const fastest = statistics.fastestMs();
  if (statistics.count('infeasible') > 0 && fastest !== undefined)
    return new NasError({
      code: 'NAS_NOTHING_FEASIBLE',
      found: `no candidate came near the target of ${formatMs(targetMs)}; the fastest took ${formatMs(fastest)}`,
      fix: 'raise --target-latency, try more (--trials), or search a space with smaller networks',
    });
  const failure = statistics.lastFailure();
  if (failure !== undefined) return searchFailed(`no candidate was trained to the end: ${failure}`);
  return new NasError({
    code: 'NAS_BUDGET_TOO_SHORT',
    found: 'the time was up before one candidate was trained',
    fix: 'give more time, or train each candidate for fewer epochs',
  });
}

/** Why no more candidates are tried, in a sentence. */
export function exhaustedText({ networks, proposals }: Exhausted): string {
  if (networks === null && proposals === 0) return 'the strategy proposes no more networks: the search ends';
  if (networks === null) return `no new network was found in ${proposals} proposals: the search ends`;
  return networks === 1
    ? 'the space has 1 network; it was tried'
    : `the space has ${networks} networks; all were tried`;
}
