import { mad, median, ms, quantile, type Ms, type Rng } from '../../core/index.js';
import type { HostState, LatencyRecord, ReferenceReading } from '../../trials/index.js';
import { fastDecileInterval, fastDecileMedian, type Bursts } from './estimator.js';
import { fingerprintDigest, type Fingerprint } from '../platform/fingerprint.js';

/** A latency that was timed, as its session saw it; a predicted one has another type. All in ms, of one batch. */
export interface Measured {
  /** Median of the fastest tenth of runs. */
  readonly medianMs: Ms;
  /** 95 % bootstrap interval of it; with a reference, of the ratio to the reference's. */
  readonly lowMs: number;
  readonly highMs: number;
  /** Of all runs, disturbed ones included. */
  readonly rawMedianMs: number;
  readonly madMs: number;
  readonly p90Ms: number;
  /** Timed runs, warm-up not counted. */
  readonly runs: number;
  /** False when a cap on runs or seconds ended the timing before the interval was narrow enough. */
  readonly settled: boolean;
  /** Step of the clock, ms of one run: the interval is no narrower. Absent where it is beneath notice. */
  readonly clockStepMs?: number;
  /** At most `Protocol.keep` of the runs, in order of time. */
  readonly samplesMs: readonly number[];
}

const RESAMPLES = 400;
/** A step of less than this share of a latency is not worth a word. */
const NOTICED = 0.01;

/** Statistics of a network's bursts with the reference's. @throws RangeError for no samples (a bug) */
export function summarise(
  network: Bursts,
  reference: Bursts | null,
  settled: boolean,
  keep: number,
  rng: Rng,
  clockStepMs = 0,
): Measured {
  const samples = network.flat();
  if (samples.length === 0) throw new RangeError('nothing was timed');
  const scale = reference === null ? 1 : fastDecileMedian(reference.flat());
  const { low, high } = fastDecileInterval(network, reference, rng, RESAMPLES);
  const medianMs = fastDecileMedian(samples);
  return Object.freeze({
    medianMs: ms(medianMs),
    lowMs: Math.min(low * scale, Math.max(0, medianMs - clockStepMs / 2)),
    highMs: Math.max(high * scale, medianMs + clockStepMs / 2),
    rawMedianMs: median(samples),
    madMs: mad(samples),
    p90Ms: quantile(samples, 0.9),
    runs: samples.length,
    settled,
    ...(clockStepMs > NOTICED * medianMs ? { clockStepMs } : {}),
    samplesMs: Object.freeze(thin(samples, keep)),
  });
}

/** What a session knows in addition to its networks. */
export interface Circumstances {
  readonly reference?: ReferenceReading | undefined;
  /** How far the correction by the reference may be off, to either side; see `driftCorrectionOf`. @default 1 */
  readonly doubt?: number | undefined;
  readonly hostState?: HostState | undefined;
}

/** The record that a trial stores, on the scale of the reference's first session. */
export function latencyRecord(
  measured: Measured,
  fingerprint: Fingerprint,
  { reference, doubt = 1, hostState }: Circumstances = {},
): LatencyRecord {
  const { medianMs, madMs, p90Ms, lowMs, highMs, rawMedianMs, runs, samplesMs, settled, clockStepMs } =
    measured;
  const factor = reference?.factor ?? 1;
  return Object.freeze({
    source: 'measured',
    platform: fingerprint.platform,
    medianMs: ms(medianMs * factor),
    madMs: madMs * factor,
    p90Ms: ms(p90Ms * factor),
    lowMs: (lowMs * factor) / doubt,
    highMs: highMs * factor * doubt,
    rawMedianMs,
    runs,
    batch: fingerprint.batch,
    fingerprint: fingerprintDigest(fingerprint),
    samplesMs,
    settled,
    ...(clockStepMs === undefined ? {} : { clockStepMs }),
    ...(reference === undefined ? {} : { reference }),
    ...(hostState === undefined ? {} : { hostState }),
  });
}

function thin(samples: readonly number[], keep: number): number[] {
  if (samples.length <= keep) return [...samples];
  return Array.from({ length: keep }, (_, i) => samples[Math.floor((i * samples.length) / keep)] as number);
}
