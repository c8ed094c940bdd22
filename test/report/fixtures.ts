import { createRng, ms, ratio } from '../../src/core/index.js';
import type { LatencyRecord, Trial, TrialKind } from '../../src/trials/index.js';

export const TEXT =
  'nas1:28x28x1 cn_k3_s1_c16_hs ir_k3_s1_e16_c16_re ir_k3_s2_e64_c24_re ir_k5_s2_e72_c40_se24_re ir_k3_s1_e200_c40_se56_hs cn_k1_s1_c96_hs gap fc_c128_hs fc_c10_id';

/** A study as it might be: seeded, so that pictures of it never change. */
export function study(): Trial[] {
  const rng = createRng('report').fork('points');
  const trials: Trial[] = [];
  for (let id = 1; id <= 24; id++) {
    const latencyMs = 0.9 + 2.6 * rng.uniform();
    trials.push(trial(id, 0.93 - 0.06 / latencyMs - 0.03 * rng.uniform(), latencyMs));
  }
  trials.push(trial(25, 0.908, 2.05, 'netadapt'), trial(26, 0.9065, 1.96, 'netadapt'));
  trials.push(trial(27, 0.9058, 1.88, 'netadapt'), trial(28, 0.9213, 1.89, 'retrain'));
  return trials;
}

export function latency(medianMs: number): LatencyRecord {
  const rng = createRng('report').fork('latency').fork(medianMs);
  const samplesMs = Array.from({ length: 60 }, () => medianMs * (1 + 0.03 * Math.abs(rng.normal())));
  return {
    source: 'measured',
    platform: 'tensorflow',
    medianMs: ms(medianMs),
    madMs: 0.02 * medianMs,
    p90Ms: ms(1.05 * medianMs),
    lowMs: 0.99 * medianMs,
    highMs: 1.01 * medianMs,
    runs: samplesMs.length,
    batch: 1,
    fingerprint: 'f00dfeed'.repeat(8),
    samplesMs,
  };
}

export function trial(id: number, accuracy: number, latencyMs: number, kind: TrialKind = 'sample'): Trial {
  return {
    id,
    study: 'demo',
    kind,
    state: 'done',
    parent: kind === 'sample' ? null : id - 1,
    genome: null,
    text: TEXT,
    params: 84_210,
    madds: 5_912_340,
    seed: `7/trial/${id}`,
    reward: accuracy - 0.01,
    outcome: {
      state: 'done',
      accuracy: ratio(accuracy),
      latency: latency(latencyMs),
      curve: [1, 2, 3, 4, 5].map((epoch) => ({
        epoch,
        step: 400 * epoch,
        loss: 1.4 / epoch,
        trainAccuracy: accuracy - 0.2 / epoch,
        accuracy: accuracy - 0.1 / epoch + 0.02,
        seconds: 11 * epoch,
      })),
      seconds: 58.4,
      checkpoint: `trial-${id}.weights`,
    },
    attempts: 1,
    createdAt: 1_700_000_000_000,
    finishedAt: 1_700_000_058_400,
    note: {},
  };
}

/** The text without the sequences that colour it. */
export function uncoloured(text: string): string {
  return text.replace(/\u001b\[[\d;]*m/g, '');
}
