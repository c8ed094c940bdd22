import type { Json, Ms, Ratio } from '../core/index.js';
import type { Genome } from '../space/index.js';

/** Where a latency comes from; a number without a source is never shown. */
export type LatencySource = 'measured' | 'table' | 'predicted';

/** A latency with its spread: never a bare number. All in ms. */
export interface LatencyRecord {
  readonly source: LatencySource;
  readonly platform: string;
  /**
   * What all compare by. Measured: the median of the calm runs, the fastest tenth, on the scale of the device's first
   * session; what a run takes that nothing disturbs.
   */
  readonly medianMs: Ms;
  /** Of all runs, on the same scale. */
  readonly madMs: number;
  readonly p90Ms: number;
  /** 95 % bootstrap interval of `medianMs`. */
  readonly lowMs: number;
  readonly highMs: number;
  readonly runs: number;
  readonly batch: number;
  /** Digest of the device's fingerprint; numbers of different fingerprints are never compared. */
  readonly fingerprint: string;
  /** Every timed run as it was, in order of time, uncorrected; `correctedSamplesMs` puts them on the scale of `medianMs`. */
  readonly samplesMs: readonly number[];
  /** Median of all runs, disturbed ones included, uncorrected; absent in older studies, where `medianMs` was that. */
  readonly rawMedianMs?: number;
  /** The reference network of the same session; absent where none was timed (tables, predictions, older studies). */
  readonly reference?: ReferenceReading;
  /**
   * A NetAdapt step's latency is its parent's times the ratio that one session measured; this is what the session's
   * corrected latencies were multiplied by for it. Absent elsewhere, and in older studies, whose steps' samples hold it.
   */
  readonly seedFactor?: number;
  /** The machine while it was timed; absent where nothing could be read. */
  readonly conditions?: Conditions;
  /** False: the interval did not become as narrow as asked before a cap on runs or time. */
  readonly settled?: boolean;
  /** What a table or a prediction had to do without, in words; absent where nothing was missing. */
  readonly lacking?: readonly string[];
  /** What was foretold before it was timed; absent where nothing was. */
  readonly foretold?: Foretold;
  /** The same network on the study's further platforms; absent where the study has one. */
  readonly also?: readonly AlsoRecord[];
}

/** A latency that was predicted, with its interval; all in ms. */
export interface Foretold {
  readonly medianMs: number;
  readonly lowMs: number;
  readonly highMs: number;
}

/** A latency on a further platform, with what must not be exceeded there. */
export interface AlsoRecord extends Omit<LatencyRecord, 'also'> {
  readonly targetMs: number;
}

/**
 * A fixed network is timed in turns with the others in each session, so that a machine that has become slower or
 * faster since shows. `medianMs` and the spread in the record are what `correctedSamplesMs` gives.
 */
export interface ReferenceReading {
  /** Of its calm runs, uncorrected. */
  readonly medianMs: number;
  readonly madMs: number;
  /** The reference's first median on this device by its median in this session, a little held back where they differ. */
  readonly factor: number;
  /** How much slower it was in the slowest quarter of the session than in the fastest, as a share. */
  readonly drift: number;
  /** Further sessions, in which the reference took longer and which do not count; absent for none. */
  readonly retaken?: number;
}

/** What could be read of the machine during a session; null where it could not. */
export interface Conditions {
  /** Mean clock of the cores before and after, MHz. */
  readonly clockMhz: readonly [number, number] | null;
  /** Processes that were running or waiting on average over the last minute. */
  readonly load: number | null;
  /** Hottest sensor, °C. */
  readonly temperatureC: number | null;
}

export interface CurvePoint {
  readonly epoch: number;
  readonly step: number;
  readonly loss: number;
  readonly trainAccuracy: number;
  /** Held-out accuracy where it was evaluated at this point. */
  readonly accuracy: number | null;
  readonly seconds: number;
}

/** What may happen to a candidate is a value; only bugs are thrown. */
export type Outcome = Done | Stopped | Infeasible | Failed;

export interface Done {
  readonly state: 'done';
  /** Held-out accuracy (of the test set for a retrained network). */
  readonly accuracy: Ratio;
  readonly latency: LatencyRecord;
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
  /** File name inside the study's checkpoints folder, or null when none was kept. */
  readonly checkpoint: string | null;
}
/** Ended early on request (time budget, Ctrl-C, hopeless curve). Not learnt from. */
export interface Stopped {
  readonly state: 'stopped';
  readonly reason: string;
  readonly latency: LatencyRecord | null;
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
}
/** Far over the target: timed, never trained. */
export interface Infeasible {
  readonly state: 'infeasible';
  readonly reason: string;
  readonly latency: LatencyRecord;
  readonly seconds: number;
}
/** Diverged, crashed twice, ran out of memory, hung. */
export interface Failed {
  readonly state: 'failed';
  readonly reason: string;
  /** True when the same would happen to any candidate (missing data, a backend that does not load); not stored. */
  readonly deterministic?: boolean;
  readonly latency: LatencyRecord | null;
  readonly curve: readonly CurvePoint[];
  readonly seconds: number;
}

/** `sample`: asked from the strategy; `netadapt`: an accepted step; `proposal`: a tried one; `retrain`: the final training. */
export type TrialKind = 'sample' | 'proposal' | 'netadapt' | 'retrain';

export type TrialState = 'running' | Outcome['state'];

/** A row of the trials table. */
export interface Trial {
  readonly id: number;
  readonly study: string;
  readonly kind: TrialKind;
  readonly state: TrialState;
  /** The trial it was made from (NetAdapt, retraining). */
  readonly parent: number | null;
  readonly genome: Genome | null;
  /** Text form of the architecture. */
  readonly text: string;
  readonly params: number;
  readonly madds: number;
  readonly seed: string;
  readonly reward: number | null;
  readonly outcome: Outcome | null;
  /** Attempts begun; a crash of the host costs one retry. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** What the strategy or the shrinking loop notes about it (proposal kind, log-probability, …). */
  readonly note: Json;
}
