import { mean } from '../../core/index.js';
import type { TrialRow } from '../../trials/index.js';
import { kendall } from './kendall.js';
import type { PredictionErrorView } from './view.js';

/** The figures are of at most this number of the latest: more would not change them, and older ones are of a model that knew less. */
const MOST_TRIALS = 20_000;
/** More points than a picture can resolve. */
const MOST_POINTS = 2000;

/**
 * How well latencies predicted by the gate agree with those measured afterwards; null where fewer than two were. Trials
 * that the gate ended for their predicted latency were never measured, so what is seen here is the lower part.
 * @param predicted medians in ms, by trial
 */
export function predictionErrorView(
  rows: readonly TrialRow[],
  predicted: ReadonlyMap<number, number>,
): PredictionErrorView | null {
  const all = rows.flatMap(({ trial, latencyMs, latencySource }) => {
    const predictedMs = predicted.get(trial);
    if (predictedMs === undefined || latencySource !== 'measured' || latencyMs === null || latencyMs <= 0)
      return [];
    return [{ trial, predictedMs, measuredMs: latencyMs }];
  });
  const points = all.slice(-MOST_TRIALS);
  if (points.length < 2) return null;
  const off = points.map(({ predictedMs, measuredMs }) => predictedMs / measuredMs - 1);
  const order = kendall(points.map(({ predictedMs, measuredMs }) => [predictedMs, measuredMs]));
  return {
    points: points.slice(-MOST_POINTS),
    kendall: Number.isFinite(order) ? order : 0,
    error: mean(off.map(Math.abs)),
    bias: mean(off),
  };
}
