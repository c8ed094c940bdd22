import { formatMs, formatPercent } from '../../core/index.js';
import { frontier, trialRow, type Trial, type TrialKind, type TrialRow } from '../../trials/index.js';

/** A finished trial as a point of accuracy over latency. */
export interface FrontierPoint {
  readonly trial: number;
  readonly kind: TrialKind;
  readonly latencyMs: number;
  /** 0 … 1. Of the test set for `retrain`, else of the held-out part. */
  readonly accuracy: number;
  /** Whether no other trial beats it in both. */
  readonly frontier: boolean;
}

/** The points of all trials that were trained to the end and whose latency was measured or looked up. */
export function pointsOf(trials: Iterable<Trial | TrialRow>): FrontierPoint[] {
  const rows = [...trials].map((trial) => ('outcome' in trial ? trialRow(trial) : trial));
  const best = new Set(frontier(rows).map((row) => row.trial));
  return rows.flatMap(({ trial, kind, state, latencyMs, latencySource, accuracy }) => {
    if (state !== 'done' || latencyMs === null || accuracy === null || latencySource === 'predicted')
      return [];
    return [{ trial, kind, latencyMs, accuracy, frontier: best.has(trial) }];
  });
}

/** `91.23 % at 1.87 ms`. */
export function pointText(point: { readonly accuracy: number; readonly latencyMs: number }): string {
  return `${formatPercent(point.accuracy)} at ${formatMs(point.latencyMs)}`;
}
