import { mean } from '../../core/index.js';

/** A network's latency by table and by measurement, ms. */
export interface Pair {
  readonly predictedMs: number;
  readonly measuredMs: number;
}

export interface PredictionError {
  readonly networks: number;
  /** Kendall's τ-b: 1 where both order all networks the same way, 0 where they have nothing to do with each other. */
  readonly tau: number;
  /** Mean of |predicted / measured − 1|. */
  readonly error: number;
  /** Mean of predicted / measured − 1: below 0 where the table says too little. */
  readonly bias: number;
  /** The largest |predicted / measured − 1|. */
  readonly worst: number;
}

/** How well predicted latencies agree with measured ones. */
export function predictionErrorOf(pairs: readonly Pair[]): PredictionError {
  const off = pairs.map(({ predictedMs, measuredMs }) => predictedMs / measuredMs - 1);
  return Object.freeze({
    networks: pairs.length,
    tau: kendall(pairs),
    error: mean(off.map(Math.abs)),
    bias: mean(off),
    worst: Math.max(...off.map(Math.abs)),
  });
}

/** Kendall's τ-b, which counts ties in neither order; NaN where one side is constant. */
function kendall(pairs: readonly Pair[]): number {
  let [agreeing, tiedPredicted, tiedMeasured] = [0, 0, 0];
  for (const [i, a] of pairs.entries())
    for (const b of pairs.slice(0, i)) {
      const predicted = Math.sign(a.predictedMs - b.predictedMs);
      const measured = Math.sign(a.measuredMs - b.measuredMs);
      agreeing += predicted * measured;
      if (predicted === 0) tiedPredicted++;
      if (measured === 0) tiedMeasured++;
    }
  const all = (pairs.length * (pairs.length - 1)) / 2;
  return agreeing / Math.sqrt((all - tiedPredicted) * (all - tiedMeasured));
}
