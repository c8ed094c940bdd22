import type { Ms, Ratio } from '../core/index.js';
import type { Done, LatencyRecord, NewTrial, Study } from '../trials/index.js';

/** The study whose store a suite is given. */
export const STUDY: Study = {
  name: 'contract',
  spec: { space: 'fake', nested: { a: [1, null, 'ä<b>'] } },
  spaceDigest: 'd1',
  seed: '7',
  createdAt: 0,
  environment: { node: '20' },
};

/** A trial to begin, of a space of three choices. */
export function newTrial(over: Partial<NewTrial> = {}): NewTrial {
  return {
    kind: 'sample',
    parent: null,
    genome: [0, 1, 2],
    text: 'x',
    params: 10,
    madds: 20,
    seed: '7/trial/1',
    note: { logp: 'AAAA' },
    ...over,
  };
}

/** A latency record around a median in ms. */
export function latency(medianMs: number, over: Partial<LatencyRecord> = {}): LatencyRecord {
  return {
    source: 'measured',
    platform: 'tensorflow',
    medianMs: medianMs as Ms,
    madMs: 0.01,
    p90Ms: medianMs * 1.1,
    lowMs: medianMs * 0.99,
    highMs: medianMs * 1.01,
    runs: 3,
    batch: 1,
    fingerprint: 'fp',
    samplesMs: [medianMs, medianMs / 3, medianMs * Math.SQRT2],
    ...over,
  };
}

/** A finished trial's outcome: accuracy in [0, 1], latency in ms. */
export function done(accuracy: number, medianMs: number, over: Partial<Done> = {}): Done {
  return {
    state: 'done',
    accuracy: accuracy as Ratio,
    latency: latency(medianMs),
    curve: [
      { epoch: 0, step: 5, loss: 2.25, trainAccuracy: 0.1, accuracy: null, seconds: 1.5 },
      { epoch: 1, step: 10, loss: 1 / 3, trainAccuracy: 0.5, accuracy: 0.45, seconds: 3, heldOutLoss: 1.25 },
    ],
    seconds: 3.25,
    checkpoint: 'trial-1.weights',
    ...over,
  };
}
