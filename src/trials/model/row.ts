import type { AlsoRecord, LatencyRecord, LatencySource } from '../schema/index.js';
import type { Trial, TrialKind, TrialState } from './trial.js';

/** A trial as one flat line: what lists, CSV and `--json` show. Everything bulky is left out. */
export interface TrialRow {
  readonly trial: number;
  readonly study: string;
  readonly state: TrialState;
  readonly kind: TrialKind;
  readonly parent: number | null;
  /** Text form of the architecture. */
  readonly text: string;
  readonly params: number;
  readonly madds: number;
  /** Share of correct answers in [0, 1]; of the test set for `retrain`, of the held-out part for all others. */
  readonly accuracy: number | null;
  /** Median in ms, with the 95 % interval of that median. */
  readonly latencyMs: number | null;
  readonly latencyLowMs: number | null;
  readonly latencyHighMs: number | null;
  readonly latencySource: LatencySource | null;
  readonly platform: string | null;
  readonly fingerprint: string | null;
  /** On further platforms; null where the study has one. */
  readonly also: readonly AlsoLatency[] | null;
  readonly reward: number | null;
  readonly seed: string;
  readonly seconds: number | null;
  /** Why it was stopped, infeasible or failed. */
  readonly reason: string | null;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** File name inside the study's checkpoints folder. */
  readonly checkpoint: string | null;
}

/** A latency on a further platform, in ms. */
export type AlsoLatency = Pick<
  AlsoRecord,
  'platform' | 'fingerprint' | 'source' | 'medianMs' | 'lowMs' | 'highMs' | 'targetMs'
>;

export function alsoLatencies(latency: LatencyRecord | null): readonly AlsoLatency[] | null {
  return (
    latency?.also?.map(({ platform, fingerprint, source, medianMs, lowMs, highMs, targetMs }) => ({
      ...{ platform, fingerprint, source, medianMs, lowMs, highMs, targetMs },
    })) ?? null
  );
}

/** The row of a trial. */
export function trialRow(trial: Trial): TrialRow {
  const { outcome } = trial;
  const latency = outcome?.latency ?? null;
  return {
    trial: trial.id,
    study: trial.study,
    state: trial.state,
    kind: trial.kind,
    parent: trial.parent,
    text: trial.text,
    params: trial.params,
    madds: trial.madds,
    accuracy: outcome?.state === 'done' ? outcome.accuracy : null,
    latencyMs: latency?.medianMs ?? null,
    latencyLowMs: latency?.lowMs ?? null,
    latencyHighMs: latency?.highMs ?? null,
    latencySource: latency?.source ?? null,
    platform: latency?.platform ?? null,
    fingerprint: latency?.fingerprint ?? null,
    also: alsoLatencies(latency),
    reward: trial.reward,
    seed: trial.seed,
    seconds: outcome?.seconds ?? null,
    reason: outcome !== null && outcome.state !== 'done' ? outcome.reason : null,
    attempts: trial.attempts,
    createdAt: trial.createdAt,
    finishedAt: trial.finishedAt,
    checkpoint: outcome?.state === 'done' ? outcome.checkpoint : null,
  };
}
