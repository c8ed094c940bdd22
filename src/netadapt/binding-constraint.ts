import { correctedSamplesMs, bindingMs, type LatencyBand, type LatencyRecord } from '../trials/index.js';

/** A latency under several targets: the binding platform's, as {@link bindingMs}' one number with its interval. */
export interface BindingConstraint extends LatencyBand {
  /** 0 for the first platform, n for the n-th further one. */
  readonly platform: number;
  /** Its runs there, in order of time, in ms of that platform, corrected as its median is. */
  readonly samplesMs: readonly number[];
}

/** Every platform's median, the first one's first. */
export function mediansOf({ medianMs, also }: LatencyRecord): readonly number[] {
  return [medianMs, ...(also ?? []).map((one) => one.medianMs)];
}

export function bindingConstraint(record: LatencyRecord, targetMs: number): BindingConstraint {
  const medianMs = bindingMs(record, targetMs);
  const all = [{ ...record, targetMs }, ...(record.also ?? [])];
  const found = all.findIndex((one) => (one.medianMs / one.targetMs) * targetMs >= medianMs);
  const platform = Math.max(0, found);
  const one = all[platform] ?? { ...record, targetMs };
  const scale = targetMs / one.targetMs;
  return {
    medianMs,
    lowMs: one.lowMs * scale,
    highMs: one.highMs * scale,
    platform,
    samplesMs: correctedSamplesMs(one),
  };
}
