/**
 * What slows a machine slows the reference network more than others, and each network by chance a little more or less:
 * between sessions, networks follow the reference by about three quarters (in logarithms). But a machine whose clock is
 * lower slows all equally. So this share of the correction is held back, by {@link MOST} at most. Both numbers are chosen by
 * measurement: docs/decisions/0013-correction-held-back.md.
 */
const SHARE = 0.25;
const MOST = 0.05;

/** How latencies of one session are put on the scale of the device's first. */
export interface DriftCorrection {
  /** Latencies are multiplied by it. */
  readonly factor: number;
  /** ≥ 1. The corrected latency may be off by this factor to either side, beyond its session's interval. */
  readonly doubt: number;
}

/**
 * @param firstMs what the reference network took in the device's first session, > 0
 * @param nowMs what it takes in this one, > 0
 */
export function driftCorrectionOf(firstMs: number, nowMs: number): DriftCorrection {
  const full = Math.log(firstMs / nowMs);
  const heldBack = Math.min(SHARE * Math.abs(full), MOST);
  return { factor: Math.exp(full - Math.sign(full) * heldBack), doubt: Math.exp(heldBack) };
}
