import type { z } from 'zod';
import { deepFreeze, type Json, type Ms, type Ratio } from '../../core/index.js';
import type { AlsoLatency, TrialRow } from '../model/row.js';
import {
  latencyRecordSchema,
  readStored,
  type CurvePoint,
  type LatencyRecord,
  type Outcome,
} from '../schema/index.js';
import type { Trial } from '../model/trial.js';

/** The `detail` table's columns. */
export interface DetailRow {
  readonly genome: string | null;
  readonly note: string;
  readonly latency: string | null;
  readonly samples: Buffer | null;
  readonly curve: string | null;
}

/**
 * The `trial` table's columns under the names of {@link TrialRow}, which they are but for `study`; a file of an older
 * version is read without being changed.
 */
export const trialColumns = (
  version: number,
): string => `trial.id AS trial, state, kind, parent, text, params,
  madds, accuracy, latency_ms AS latencyMs, latency_low_ms AS latencyLowMs, latency_high_ms AS latencyHighMs,
  latency_source AS latencySource, platform, fingerprint, ${version < 2 ? 'NULL AS also' : 'also'}, reward, seed,
  seconds, reason, attempts, created_at AS createdAt, finished_at AS finishedAt, checkpoint`;

type Values<K extends readonly (keyof TrialRow)[]> = {
  readonly [I in keyof K]: K[I] extends 'also' ? string | null : TrialRow[K[I]];
};

/** {@link trialColumns} as a list of values: three times as fast to read as objects, which counts for long lists. */
export type TrialValues = Values<
  [
    'trial',
    'state',
    'kind',
    'parent',
    'text',
    'params',
    'madds',
    'accuracy',
    'latencyMs',
    'latencyLowMs',
    'latencyHighMs',
    'latencySource',
    'platform',
    'fingerprint',
    'also',
    'reward',
    'seed',
    'seconds',
    'reason',
    'attempts',
    'createdAt',
    'finishedAt',
    'checkpoint',
  ]
>;

export function rowOf(study: string, values: TrialValues): TrialRow {
  const [
    trial,
    state,
    kind,
    parent,
    text,
    params,
    madds,
    accuracy,
    latencyMs,
    latencyLowMs,
    latencyHighMs,
    latencySource,
    platform,
    fingerprint,
    also,
    reward,
    seed,
    seconds,
    reason,
    attempts,
    createdAt,
    finishedAt,
    checkpoint,
  ] = values;
  return {
    trial,
    study,
    state,
    kind,
    parent,
    text,
    params,
    madds,
    accuracy,
    latencyMs,
    latencyLowMs,
    latencyHighMs,
    latencySource,
    platform,
    fingerprint,
    also: readAlso(also),
    reward,
    seed,
    seconds,
    reason,
    attempts,
    createdAt,
    finishedAt,
    checkpoint,
  };
}

export function readAlso(text: string | null): readonly AlsoLatency[] | null {
  return text === null ? null : (JSON.parse(text) as readonly AlsoLatency[]);
}

/** What of an outcome goes to `detail`. */
export function encodeOutcome(outcome: Outcome): Pick<DetailRow, 'latency' | 'samples' | 'curve'> {
  const { latency } = outcome;
  const curve = 'curve' in outcome ? outcome.curve : null;
  return {
    latency: latency && encodeLatency(latency),
    samples: latency && encodeFloats(latency.samplesMs),
    curve: curve && encodeCurve(curve),
  };
}

/** The trial of a row and its detail. Throws an ordinary error where the two do not fit together. */
export function decodeTrial(row: TrialRow, detail: DetailRow): Trial {
  return deepFreeze({
    id: row.trial,
    study: row.study,
    kind: row.kind,
    state: row.state,
    parent: row.parent,
    genome: detail.genome === null ? null : (JSON.parse(detail.genome) as number[]),
    text: row.text,
    params: row.params,
    madds: row.madds,
    seed: row.seed,
    reward: row.reward,
    outcome: decodeOutcome(row, detail),
    attempts: row.attempts,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
    note: JSON.parse(detail.note) as Json,
  });
}

function decodeOutcome(row: TrialRow, detail: DetailRow): Outcome | null {
  if (row.state === 'running') return null;
  const latency = decodeLatency(row, detail);
  const seconds = present(row.seconds, 'seconds');
  if (row.state === 'infeasible')
    return {
      state: row.state,
      reason: present(row.reason, 'reason'),
      latency: present(latency, 'latency'),
      seconds,
    };
  const curve = decodeCurve(present(detail.curve, 'curve'));
  if (row.state === 'done')
    return {
      state: row.state,
      accuracy: present(row.accuracy, 'accuracy') as Ratio,
      latency: present(latency, 'latency'),
      curve,
      seconds,
      checkpoint: row.checkpoint,
    };
  return { state: row.state, reason: present(row.reason, 'reason'), latency, curve, seconds };
}

function decodeLatency(row: TrialRow, detail: DetailRow): LatencyRecord | null {
  if (row.latencyMs === null) return null;
  const [madMs, p90Ms, runs, batch, more = {}] = JSON.parse(
    present(detail.latency, 'latency'),
  ) as StoredLatency;
  return {
    source: present(row.latencySource, 'latency_source'),
    platform: present(row.platform, 'platform'),
    medianMs: row.latencyMs as Ms,
    madMs: present(madMs, 'mad'),
    p90Ms: present(p90Ms, 'p90'),
    lowMs: present(row.latencyLowMs, 'latency_low_ms'),
    highMs: present(row.latencyHighMs, 'latency_high_ms'),
    runs: present(runs, 'runs'),
    batch: present(batch, 'batch'),
    fingerprint: present(row.fingerprint, 'fingerprint'),
    samplesMs: decodeFloats(present(detail.samples, 'samples')),
    ...present(readStored(moreSchema, more), 'what else is known of the latency'),
  };
}

/** What has neither a column nor a place in the list: since version 2 every field that not all records have. */
const moreSchema = latencyRecordSchema.unwrap().omit({
  source: true,
  platform: true,
  medianMs: true,
  madMs: true,
  p90Ms: true,
  lowMs: true,
  highMs: true,
  runs: true,
  batch: true,
  fingerprint: true,
  samplesMs: true,
});
type MoreLatency = z.infer<typeof moreSchema>;

/** What has no column: MAD, p90, runs, batch and {@link moreSchema}. */
type StoredLatency = readonly [number, number, number, number, MoreLatency?];

const MORE = Object.keys(moreSchema.shape) as readonly (keyof MoreLatency)[];

function encodeLatency(latency: LatencyRecord): string {
  const { madMs, p90Ms, runs, batch } = latency;
  const more = MORE.filter((key) => latency[key] !== undefined).map((key) => [key, latency[key]] as const);
  const list = [madMs, p90Ms, runs, batch];
  return JSON.stringify(more.length === 0 ? list : [...list, Object.fromEntries(more)]);
}

/** One JSON list a point; a diverged run's NaN and infinities, which JSON lacks, are written as their names. */
function encodeCurve(curve: readonly CurvePoint[]): string {
  return JSON.stringify(
    curve.map(({ heldOutLoss, ...p }) =>
      [
        ...[p.epoch, p.step, p.loss, p.trainAccuracy, p.accuracy, p.seconds],
        ...(heldOutLoss === undefined ? [] : [heldOutLoss]),
      ].map(named),
    ),
  );
}

function decodeCurve(text: string): CurvePoint[] {
  return (JSON.parse(text) as (number | string | null)[][]).map((point) => {
    const [epoch, step, loss, trainAccuracy, accuracy, seconds, heldOutLoss] = point.map((value) =>
      value === null ? null : Number(value),
    );
    return {
      epoch: present(epoch, 'epoch'),
      step: present(step, 'step'),
      loss: present(loss, 'loss'),
      trainAccuracy: present(trainAccuracy, 'train accuracy'),
      accuracy: accuracy ?? null,
      seconds: present(seconds, 'seconds'),
      ...(heldOutLoss == null ? {} : { heldOutLoss }),
    };
  });
}

function named(value: number | null): number | string | null {
  return value === null || Number.isFinite(value) ? value : String(value);
}

/** Little-endian doubles, as on every machine that TensorFlow's wheel is for. */
function encodeFloats(values: readonly number[]): Buffer {
  return Buffer.from(Float64Array.from(values).buffer);
}

function decodeFloats(bytes: Buffer): number[] {
  return Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) => bytes.readDoubleLE(8 * i));
}

function present<T>(value: T | null | undefined, name: string): T {
  if (value === null || value === undefined) throw new TypeError(`${name} is missing`);
  return value;
}
