/**
 * How a step's proposal is chosen. `accuracy`: greatest ΔAcc/|ΔLatency| (MobileNetV3 §4.2). `loss`: the same with the
 * held-out loss, which distinguishes proposals that accuracy cannot. `min-accuracy-loss`: the most accurate one, however
 * much it saves (NetAdapt §3.1).
 */
export const STEP_CRITERIA = ['accuracy', 'loss', 'min-accuracy-loss'] as const;
export type StepCriterion = (typeof STEP_CRITERIA)[number];

/** A proposal that was trained and timed, against the step's control: the unshrunk network with the same training. */
export interface Tried {
  readonly trial: number;
  /** Held-out accuracy minus the control's; signed. */
  readonly accuracyChange: number;
  /** Held-out loss minus the control's; null where either is not known. */
  readonly lossChange?: number | null;
  /** Latency saved in ms, > 0. */
  readonly savedMs: number;
}

/**
 * What the criterion maximises: a signed change for the better per ms, so that the least steep loss wins; accuracy alone
 * for `min-accuracy-loss`. By `loss` NaN where it is not known.
 */
export function meritOf(tried: Tried, criterion: StepCriterion = 'accuracy'): number {
  if (criterion === 'min-accuracy-loss') return tried.accuracyChange;
  const gain = criterion === 'loss' ? -(tried.lossChange ?? Number.NaN) : tried.accuracyChange;
  return gain / tried.savedMs;
}

/**
 * The proposal of greatest merit; of equal ones the first by trial. Undefined for none. Where the loss of one is not
 * known, all are compared by accuracy.
 */
export function selectStep<T extends Tried>(
  tried: readonly T[],
  criterion: StepCriterion = 'accuracy',
): T | undefined {
  const known = criterion !== 'loss' || tried.every(({ lossChange }) => lossChange != null);
  const by = known ? criterion : 'accuracy';
  return [...tried].sort((a, b) => meritOf(b, by) - meritOf(a, by) || a.trial - b.trial)[0];
}
