/**
 * How a time budget is divided. A time given by the user holds for everything – search, refinement, retraining and
 * export – so each part gets a stated share, and what one part leaves unused goes to those after it.
 */

export const PHASES = ['search', 'refine', 'retrain', 'export'] as const;
export type Phase = (typeof PHASES)[number];

/** The least and the largest budget in seconds between which retraining's share falls, and that share at either. */
const SHORT = { seconds: 15 * 60, retrain: 0.5 };
const LONG = { seconds: 8 * 3600, retrain: 0.3 };
/** Writing and checking the exports takes some seconds, whatever the budget: a twenty-fifth of it, within these bounds. */
const EXPORT = { share: 0.04, atMost: 20 };
/** Of what is left to search and refinement. */
const SEARCH = 5 / 8;

/**
 * Each phase's share of a budget; they sum to 1. A short budget goes mostly into training the network that was found.
 * The longer the budget, the less is left to gain there: its share falls with the logarithm of the time, from a half at
 * 15 minutes to 0.3 at 8 hours. A choice, not yet measured against others.
 * @param seconds the whole budget, ≥ 0
 */
export function sharesOf(seconds: number): Readonly<Record<Phase, number>> {
  const exports = Math.min(EXPORT.share, seconds > 0 ? EXPORT.atMost / seconds : EXPORT.share);
  const place = Math.log(Math.max(seconds, 1) / SHORT.seconds) / Math.log(LONG.seconds / SHORT.seconds);
  const way = Math.min(1, Math.max(0, place));
  const retrain = SHORT.retrain + way * (LONG.retrain - SHORT.retrain);
  const before = 1 - exports - retrain;
  return { search: SEARCH * before, refine: (1 - SEARCH) * before, retrain, export: exports };
}

/**
 * Seconds a phase may use, given what is left of the whole budget when it starts.
 * The phase gets its share among itself and those after it: with nothing lost before, exactly its share of the whole.
 * @param leftSeconds seconds left of the whole budget, ≥ 0
 * @param wholeSeconds the whole budget, which the shares follow from
 */
export function secondsFor(phase: Phase, leftSeconds: number, wholeSeconds: number): number {
  const shares = sharesOf(wholeSeconds);
  const from = PHASES.indexOf(phase);
  const rest = PHASES.slice(from).reduce((sum, name) => sum + shares[name], 0);
  return Math.max(0, leftSeconds) * (shares[phase] / rest);
}
