/**
 * How a time budget is divided. A time given by the user holds for everything – search, refinement, finalists, retraining
 * and export – so each part gets a stated share, and what one part leaves unused goes to those after it.
 */

export const PHASES = ['search', 'refine', 'finalists', 'retrain', 'export'] as const;
export type Phase = (typeof PHASES)[number];
type Shares = Readonly<Record<Exclude<Phase, 'export'>, number>>;

/**
 * Shares of what the export leaves, by the length of the budget. The shortest have no time in which a search could find what a longer
 * training does not gain as well (bench/search/README.md), so most goes into that. In a short one NetAdapt brings less than the same
 * time in the final training: the networks that the search begins with are scaled to the target already.
 */
const PLANS: readonly { readonly seconds: number; readonly shares: Shares }[] = [
  { seconds: 6 * 60, shares: { search: 0.1, refine: 0, finalists: 0.08, retrain: 0.82 } },
  { seconds: 15 * 60, shares: { search: 0.18, refine: 0, finalists: 0.12, retrain: 0.7 } },
  { seconds: 8 * 3600, shares: { search: 0.4, refine: 0.2, finalists: 0.1, retrain: 0.3 } },
];
/** Writing and checking the exports takes some seconds, whatever the budget; within these bounds. */
const EXPORT = { share: 0.04, atMost: 10 };

/**
 * Each phase's share of a budget; they sum to 1. Between two plans they go from the one to the other with the logarithm of the
 * time.
 * @param seconds the whole budget, ≥ 0
 */
export function sharesOf(seconds: number): Readonly<Record<Phase, number>> {
  const exports = Math.min(EXPORT.share, seconds > 0 ? EXPORT.atMost / seconds : EXPORT.share);
  const share = (phase: keyof Shares): number => (1 - exports) * between(phase, seconds);
  return {
    ...{ search: share('search'), refine: share('refine') },
    ...{ finalists: share('finalists'), retrain: share('retrain') },
    export: exports,
  };
}

function between(phase: keyof Shares, seconds: number): number {
  const after = PLANS.findIndex((plan) => plan.seconds > seconds);
  const to = PLANS.at(after);
  const from = after < 0 ? to : PLANS[Math.max(0, after - 1)];
  if (to === undefined || from === undefined) throw new TypeError('no plan');
  if (from === to) return to.shares[phase];
  const way = Math.log(seconds / from.seconds) / Math.log(to.seconds / from.seconds);
  return from.shares[phase] + way * (to.shares[phase] - from.shares[phase]);
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
