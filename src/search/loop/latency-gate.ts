import { formatMs, ms } from '../../core/index.js';
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
  /** The outcome of a candidate, with its prediction next to its measurement. */
  withPrediction(trial: number, outcome: Outcome): Outcome;
}

/** @param limitMs the latency that no candidate may exceed; Infinity for no limit */
export function createLatencyGate(predictor: LatencyPredictor | undefined, limitMs: number): LatencyGate {
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
    withPrediction(trial, outcome) {
      const predicted = pending.get(trial);
      pending.delete(trial);
      const { latency } = outcome;
      if (predicted === undefined || latency?.source !== 'measured') return outcome;
      return { ...outcome, latency: { ...latency, predicted } };
    },
  };
}
