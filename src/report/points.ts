import { formatMs, formatPercent } from '../core/index.js';
import type { LatencyRecord, Trial, TrialKind } from '../trials/index.js';

/** A finished trial as a point of accuracy over latency. */
export interface FrontierPoint {
  readonly trial: number;
  readonly kind: TrialKind;
  readonly latencyMs: number;
  /** 0 … 1. Of the test set for `retrain`, else of the held-out part. */
  readonly accuracy: number;
}

/** The points of all trials that were trained to the end. */
export function pointsOf(trials: Iterable<Trial>): FrontierPoint[] {
  const points: FrontierPoint[] = [];
  for (const { id, kind, outcome } of trials) {
    if (outcome?.state !== 'done') continue;
    points.push({ trial: id, kind, latencyMs: outcome.latency.medianMs, accuracy: outcome.accuracy });
  }
  return points;
}

/**
 * The points that no other beats in both latency and accuracy, by rising latency. Retrained networks are judged on
 * other images, and proposals are only tried, so neither takes part.
 */
export function frontierOf(points: readonly FrontierPoint[]): FrontierPoint[] {
  const judged = points.filter((point) => point.kind === 'sample' || point.kind === 'netadapt');
  const sorted = judged.sort(
    (a, b) => a.latencyMs - b.latencyMs || b.accuracy - a.accuracy || a.trial - b.trial,
  );
  const frontier: FrontierPoint[] = [];
  let best = -1;
  for (const point of sorted) {
    if (point.accuracy <= best) continue;
    best = point.accuracy;
    frontier.push(point);
  }
  return frontier;
}

/** The most accurate point whose latency meets the target (any, for no target); undefined when none does. */
export function bestUnder(
  points: readonly FrontierPoint[],
  targetMs: number | null,
): FrontierPoint | undefined {
  return frontierOf(points).findLast((point) => targetMs === null || point.latencyMs <= targetMs);
}

/** `1.87 ms (1.80–1.95)`; a number that was not measured says so. */
export function latencyText(record: LatencyRecord): string {
  const range = `${record.lowMs.toPrecision(3)}–${record.highMs.toPrecision(3)}`;
  return `${formatMs(record.medianMs)} (${range})${record.source === 'measured' ? '' : ` ${record.source}`}`;
}

/** `91.23 % at 1.87 ms`. */
export function pointText(point: { readonly accuracy: number; readonly latencyMs: number }): string {
  return `${formatPercent(point.accuracy)} at ${formatMs(point.latencyMs)}`;
}
