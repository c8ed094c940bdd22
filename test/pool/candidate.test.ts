import { describe, expect, it } from 'vitest';
import { ratio } from '../../src/core/index.js';
import { defaultProtocol, fingerprintOf, type Platform } from '../../src/latency/index.js';
import {
  buildNetwork,
  decodeWeights,
  encodeWeights,
  initialWeights,
  textOfWeights,
  type Weights,
} from '../../src/network/index.js';
import { evaluateCandidate, type CandidateParts } from '../../src/pool/worker/candidate.js';
import type { Control } from '../../src/pool/engine/engine.js';
import { createTimingLock, timingLockPlace } from '../../src/pool/worker/timing-lock.js';
import { parseArchitecture } from '../../src/space/index.js';
import type { TrainResult } from '../../src/train/index.js';
import type { Progress } from '../../src/trials/index.js';
import { createRng, ms } from '../../src/core/index.js';
import { job, TEXT, WIDER } from './helpers.js';

const info = { backend: 'fake', device: 'cpu', name: 'none', threads: 1, versions: {} } as const;
const curve = [{ epoch: 1, step: 5, loss: 1, trainAccuracy: 0.5, accuracy: 0.6, seconds: 1 }];
const networkOf = (text: string) => buildNetwork(parseArchitecture(text));

function scene(result: Partial<TrainResult> = {}, medianMs = 2) {
  const seen = {
    trained: [] as Weights[],
    timedInside: false,
    removed: 0,
    files: new Map<string, Uint8Array>(),
  };
  const phases: Progress['phase'][] = [];
  const timingLock = timingLockPlace(createTimingLock(1), 0);
  let exclusive = false;
  let stopAfter = Infinity;
  const control: Control = {
    timingLock: {
      ...timingLock,
      exclusive: async (work, stop) => {
        exclusive = true;
        const value = await timingLock.exclusive(work, stop);
        exclusive = false;
        return value;
      },
    },
    stop: () => stopAfter-- <= 0,
    alive: () => undefined,
    progress: ({ phase }) => phases.push(phase),
  };
  const platform: Platform = {
    name: 'tensorflow',
    fingerprint: fingerprintOf('tensorflow', info, 1),
    time: (networks, _protocol, { quiet }) =>
      quiet(() => {
        seen.timedInside = exclusive;
        const one = {
          source: 'measured' as const,
          platform: 'tensorflow',
          batch: 1,
          fingerprint: 'fp',
          medianMs: ms(medianMs),
          madMs: 0,
          p90Ms: ms(2),
          lowMs: 2,
          highMs: 2,
          runs: 1,
          settled: true,
          samplesMs: [2],
        };
        return Promise.resolve(networks.map(() => one));
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const parts: CandidateParts = {
    network: networkOf,
    platform,
    protocol: defaultProtocol,
    epsilon: 1e-3,
    kept: () => ({
      read: () => Promise.resolve(null),
      write: () => Promise.resolve(),
      remove: () => Promise.resolve(void seen.removed++),
    }),
    train: (network, weights) => {
      seen.trained.push(weights);
      const trained = initialWeights(network, createRng('trained'));
      const done = {
        state: 'done',
        accuracy: ratio(0.75),
        loss: 1,
        weights: trained,
        ema: false,
        curve,
        steps: 5,
        seconds: 1,
      };
      return Promise.resolve({ ...done, ...result } as TrainResult);
    },
    read: (name) => {
      const bytes = seen.files.get(name);
      return bytes === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(bytes);
    },
    write: (name, bytes) => {
      seen.files.set(name, bytes);
      return Promise.resolve();
    },
  };
  return { parts, control, seen, phases, stopAfter: (times: number) => (stopAfter = times) };
}

describe('the path of a candidate', () => {
  it('times under the timing lock before it trains, and keeps the weights that reach the accuracy', async () => {
    const { parts, control, seen, phases } = scene();
    const outcome = await evaluateCandidate(job(1, { checkpoint: 'a', gateMs: 2 }), parts, control);
    expect(outcome).toMatchObject({
      state: 'done',
      accuracy: 0.75,
      curve,
      checkpoint: 'a',
      latency: { medianMs: 2 },
    });
    expect(seen.timedInside).toBe(true);
    expect(phases).toEqual(['compiling', 'timing']);
    const bytes = seen.files.get('a') ?? new Uint8Array();
    expect(textOfWeights(bytes)).toBe(TEXT);
    const network = networkOf(TEXT);
    expect(decodeWeights(bytes, network)).toEqual(initialWeights(network, createRng('trained')));
  });

  it('starts from the seed alone: equal seeds, equal weights', async () => {
    const starts: unknown[] = [];
    for (const seed of ['1/trial/1', '1/trial/1', '1/trial/2']) {
      const { parts, control, seen } = scene();
      await evaluateCandidate(job(1, { seed }), parts, control);
      starts.push(seen.trained[0]);
    }
    expect(starts[0]).toEqual(starts[1]);
    expect(starts[0]).not.toEqual(starts[2]);
  });

  it('cuts the weights of a checkpoint to fit', async () => {
    const { parts, control, seen } = scene();
    const wide = networkOf(WIDER);
    const weights = initialWeights(wide, createRng('wide'));
    seen.files.set('wide', encodeWeights(wide, weights, WIDER));
    const start = { kind: 'surgery', checkpoint: 'wide', text: WIDER } as const;
    await evaluateCandidate(job(1, { start }), parts, control);
    const classifier = seen.trained[0]?.get('3.dense.kernel') ?? new Float32Array();
    const old = new Set(weights.get('3.dense.kernel'));
    expect(classifier).toHaveLength(80);
    expect([...classifier].every((value) => old.has(value))).toBe(true);
  });

  it('does not train what is over the limit', async () => {
    const { parts, control, seen } = scene({}, 2.5);
    const outcome = await evaluateCandidate(job(1, { gateMs: 2, checkpoint: 'a' }), parts, control);
    expect(outcome).toMatchObject({ state: 'infeasible', reason: '2.50 ms, over the limit of 2 ms' });
    expect(seen.trained).toEqual([]);
    expect(seen.files.size).toBe(0);
  });

  it('does not time what has been timed, and holds the known latency to the limit', async () => {
    const first = scene();
    const timed = await evaluateCandidate(job(1), first.parts, first.control);
    if (timed.state !== 'done') throw new Error('not done');
    const known = { ...timed.latency, medianMs: ms(9) };
    const { parts, control, seen, phases } = scene();
    const outcome = await evaluateCandidate(job(1, { latency: known }), parts, control);
    expect(outcome).toMatchObject({ state: 'done', latency: known });
    expect([seen.timedInside, phases.includes('timing')]).toEqual([false, false]);
    const over = await evaluateCandidate(job(1, { latency: known, gateMs: 8 }), parts, control);
    expect(over.state).toBe('infeasible');
  });

  it('a diverged training is an outcome with its curve and latency, and leaves no checkpoint', async () => {
    const { parts, control, seen } = scene({
      state: 'diverged',
      reason: 'the loss is not a number',
      curve,
    } as object);
    const outcome = await evaluateCandidate(job(1, { checkpoint: 'a' }), parts, control);
    expect(outcome).toMatchObject({ state: 'failed', curve, latency: { medianMs: 2 } });
    expect(seen.files.size).toBe(0);
  });

  it('a stopped training keeps its curve', async () => {
    const { parts, control } = scene({ state: 'stopped', curve } as object);
    expect(await evaluateCandidate(job(1), parts, control)).toMatchObject({ state: 'stopped', curve });
  });

  it('may be stopped before it is timed', async () => {
    const { parts, control, seen, stopAfter } = scene();
    stopAfter(0);
    expect(await evaluateCandidate(job(1), parts, control)).toMatchObject({
      state: 'stopped',
      latency: null,
    });
    expect(seen.trained).toEqual([]);
  });
});
