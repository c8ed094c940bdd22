/**
 * How a time budget is divided. A time given by the user holds for everything – search, refinement, retraining and
 * export – so each part gets a stated share, and what one part leaves unused goes to those after it.
 */

export const PHASES = ['search', 'refine', 'retrain', 'export'] as const;
export type Phase = (typeof PHASES)[number];

/** Shares of the whole; they sum to 1. Search gets most, since it decides; export is a check of seconds. */
export const SHARES: Readonly<Record<Phase, number>> = Object.freeze({
  search: 0.42,
  refine: 0.3,
  retrain: 0.24,
  export: 0.04,
});

/**
 * Seconds a phase may use, given what is left of the whole budget when it starts.
 * The phase gets its share among itself and those after it: with nothing lost before, exactly its share of the whole.
 * @param leftSeconds seconds left of the whole budget, ≥ 0
 */
export function secondsFor(phase: Phase, leftSeconds: number, phases: readonly Phase[] = PHASES): number {
  const from = phases.indexOf(phase);
  const rest = phases.slice(from).reduce((sum, name) => sum + SHARES[name], 0);
  return Math.max(0, leftSeconds) * (SHARES[phase] / rest);
}
