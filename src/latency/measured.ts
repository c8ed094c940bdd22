import { createRng, interval, mad, median, ms, quantile, type Ms, type Rng } from '../core/index.js';
import type { LatencyRecord } from '../trials/index.js';
import { fingerprintDigest, type Fingerprint } from './fingerprint.js';

/** A latency that was timed; a predicted one has another type. All in ms, of one batch. */
export interface Measured {
  readonly medianMs: Ms;
  readonly madMs: number;
  readonly p90Ms: number;
  /** 95 % bootstrap interval of the median. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Timed runs, warm-up not counted; the statistics are of all of them. */
  readonly runs: number;
  /** False when a cap on runs or seconds ended the timing before the interval was narrow enough. */
  readonly settled: boolean;
  /** At most {@link Protocol.keep} of the runs, in order of time. */
  readonly samplesMs: readonly number[];
}

/** Statistics of all samples. @throws RangeError for no samples (a bug) */
export function summarise(samples: readonly number[], settled: boolean, keep: number, rng: Rng): Measured {
  const { low, high } = interval(samples, rng);
  return Object.freeze({
    medianMs: ms(median(samples)),
    madMs: mad(samples),
    p90Ms: quantile(samples, 0.9),
    lowMs: low,
    highMs: high,
    runs: samples.length,
    settled,
    samplesMs: Object.freeze(thin(samples, keep)),
  });
}

/** The record that a trial stores. */
export function latencyRecord(measured: Measured, fingerprint: Fingerprint): LatencyRecord {
  const { medianMs, madMs, p90Ms, lowMs, highMs, runs, samplesMs } = measured;
  return Object.freeze({
    source: 'measured',
    platform: fingerprint.platform,
    medianMs,
    madMs,
    p90Ms,
    lowMs,
    highMs,
    runs,
    batch: fingerprint.batch,
    fingerprint: fingerprintDigest(fingerprint),
    samplesMs,
  });
}

/** Width of the median's 95 % interval as a share of the median; a quick bootstrap for the stopping rule. */
export function relativeWidth(samples: readonly number[], seed: string): number {
  const { low, high } = interval(samples, createRng(seed), 0.95, 200);
  const centre = median(samples);
  return centre > 0 ? (high - low) / centre : 0;
}

function thin(samples: readonly number[], keep: number): number[] {
  if (samples.length <= keep) return [...samples];
  return Array.from({ length: keep }, (_, i) => samples[Math.floor((i * samples.length) / keep)] as number);
}
