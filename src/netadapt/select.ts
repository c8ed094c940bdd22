/** A proposal that was trained and timed, against the network it was made from. */
export interface Tried {
  readonly trial: number;
  /** Accuracy after the fine-tune minus the accuracy before the step; signed. */
  readonly accuracyChange: number;
  /** Latency saved in ms, > 0. */
  readonly savedMs: number;
}

/** ΔAcc / |ΔLatency| in 1/ms (MobileNetV3 §4.2); the change of accuracy is signed, so the least steep loss wins. */
export function meritOf(tried: Tried): number {
  return tried.accuracyChange / tried.savedMs;
}

/** The proposal of greatest merit; of equal ones the first by trial. Undefined for none. */
export function selectStep<T extends Tried>(tried: readonly T[]): T | undefined {
  return [...tried].sort((a, b) => meritOf(b) - meritOf(a) || a.trial - b.trial)[0];
}
