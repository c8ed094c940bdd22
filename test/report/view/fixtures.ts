import type { TrialRow } from '../../../src/trials/index.js';

/** A done sample of one device; `over` says what is otherwise. */
export function row(
  trial: number,
  accuracy: number,
  latencyMs: number,
  over: Partial<TrialRow> = {},
): TrialRow {
  return {
    trial,
    study: 's',
    state: 'done',
    kind: 'sample',
    parent: null,
    text: `t${trial}`,
    params: 10,
    madds: 20,
    accuracy,
    latencyMs,
    latencyLowMs: 0.9 * latencyMs,
    latencyHighMs: 1.1 * latencyMs,
    latencySource: 'measured',
    platform: 'tensorflow',
    fingerprint: 'f',
    also: null,
    reward: accuracy,
    seed: `1/trial/${trial}`,
    seconds: 1,
    reason: null,
    attempts: 1,
    createdAt: trial,
    finishedAt: 10 * trial,
    checkpoint: null,
    ...over,
  };
}
