import type { StudyView } from './view.js';

/** Up to this number of trials every one has its page in a report. */
const ALL_UP_TO = 500;

/**
 * The trials whose pages a report holds: all of a small study; else the frontier, the best, every one that was the best
 * for a while, and the lineages.
 */
export function interestingTrials(view: StudyView): readonly number[] {
  const { points, frontier, best, bestSoFar, lineages } = view;
  if (points.trial.length <= ALL_UP_TO) return points.trial;
  const members = lineages.flatMap((lineage) => lineage.members.map(({ trial }) => trial));
  const ids = new Set([...frontier, ...bestSoFar.map(([, , trial]) => trial), ...members]);
  if (best !== null) ids.add(best);
  return [...ids].sort((a, b) => a - b);
}
