import { formatMs, ms, type Ms } from '../../core/index.js';
import { isUndecodable } from './undecodable.js';
import type { RelativeLatency } from '../strategies/strategy.js';
import type { Predicted, LatencyRecord, Outcome, Trial, TrialRow } from '../../trials/index.js';

/** Predicts latencies without timing; learns from what was timed. */
export interface LatencyPredictor {
  /** `lowMs`: the least that it takes for likely; null while too little is known. */
  predict(text: string): LatencyRecord | null;
  learn(row: TrialRow): void;
}

/** What a search does with predicted latencies. */
export interface LatencyGate {
  /** The outcome of a candidate whose lowest predicted latency is over the limit; null for one that is to be evaluated. */
  endOf(trial: Trial): Outcome | null;
  /** The latency predicted for an architecture as a share of the target; null where nothing can be said. */
  relative(text: string): RelativeLatency | null;
  /** Whether a candidate of such a latency would end before it is evaluated. */
  refuses(latency: RelativeLatency | null): boolean;
  /** The outcome of a candidate, with its prediction next to its measurement. */
  withPrediction(trial: number, outcome: Outcome): Outcome;
}

/** @param limitMs the latency that no candidate may exceed; Infinity for no limit */
export function createLatencyGate(
  predictor: LatencyPredictor | undefined,
  limitMs: number,
  targetMs: Ms,
): LatencyGate {
  const pending = new Map<number, Predicted>();
  return {
    endOf({ id, text }) {
      const latency = predictor?.predict(text) ?? null;
      if (latency === null) return null;
      const { medianMs, lowMs, highMs } = latency;
      if (lowMs <= limitMs) {
        pending.set(id, { medianMs, lowMs, highMs });
        return null;
      }
      const reason = `predicted ${formatMs(medianMs)}, at least ${formatMs(ms(lowMs))}: over the limit of ${formatMs(ms(limitMs))}`;
      return { state: 'infeasible', reason, latency, seconds: 0 };
    },
    refuses: (latency) => latency !== null && latency.low > limitMs / targetMs,
    relative(text) {
      const latency = isUndecodable(text) ? null : (predictor?.predict(text) ?? null);
      if (latency === null) return null;
      const { medianMs, lowMs, highMs } = latency;
      return { median: medianMs / targetMs, low: lowMs / targetMs, high: highMs / targetMs };
    },
    withPrediction(trial, outcome) {
      const predicted = pending.get(trial);
      pending.delete(trial);
      const { latency } = outcome;
      if (predicted === undefined || latency?.source !== 'measured') return outcome;
      return { ...outcome, latency: { ...latency, predicted } };
    },
  };
}
