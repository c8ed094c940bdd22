import { describe, expect, it } from 'vitest';
import type { Backend } from '../../src/backends/index.js';
import {
  defaultProtocol,
  fingerprintDigest,
  fingerprintSchema,
  platformOn,
  tensorflowDevice,
  undisturbed,
} from '../../src/latency/index.js';

function fakeBackend(costs: readonly number[]) {
  const seen = { compiled: 0, disposed: 0, batches: [] as number[] };
  const backend: Backend = {
    info: { backend: 'fake', device: 'cpu', name: 'none', threads: 1, versions: { fake: '1' } },
    compileTraining: () => {
      throw new Error('not here');
    },
    compileInference(_network, _weights, { batch }) {
      const cost = costs[seen.compiled++];
      if (cost === undefined) throw new Error('out of memory');
      seen.batches.push(batch);
      return {
        batch,
        run: (input) => input,
        time: (count) => new Array<number>(count).fill(cost),
        dispose: () => void seen.disposed++,
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { backend, seen };
}
/** What is simulated has no disturbance that passes with time. */
const atOnce = { rest: () => Promise.resolve() };
const runnable = {
  network: { input: [8, 8, 1] as const, classes: 2, layers: [], parameters: [] },
  weights: new Map<string, Float32Array>(),
};

describe('a platform on a device', () => {
  it('times in order, compiles before the quiet part and frees what it compiled', async () => {
    const { backend, seen } = fakeBackend([3, 1, 2]);
    const platform = platformOn(tensorflowDevice(backend, { batch: 4, epsilon: 1e-3 }), atOnce);
    let compiledBefore = 0;
    const measured = await platform.time([runnable, runnable], defaultProtocol, {
      ...undisturbed,
      quiet: (timing) => {
        compiledBefore = seen.compiled;
        return timing();
      },
    });
    expect(measured?.map((one) => one.medianMs)).toEqual([3, 1]);
    expect(compiledBefore).toBe(3);
    expect(seen).toEqual({ compiled: 3, disposed: 2, batches: [4, 4, 4] });
    await platform[Symbol.asyncDispose]();
    expect(seen.disposed).toBe(3);
  });

  it('opens the reference network once, and not at all where it is not asked for', async () => {
    const { backend, seen } = fakeBackend([3, 1, 3, 3]);
    await using platform = platformOn(tensorflowDevice(backend, { batch: 1, epsilon: 1e-3 }), atOnce);
    await platform.time([runnable], defaultProtocol, undisturbed);
    await platform.time([runnable], defaultProtocol, undisturbed);
    await platform.time([runnable], { ...defaultProtocol, reference: false }, undisturbed);
    expect(seen.compiled).toBe(4);
    expect(await platform.time([], defaultProtocol, undisturbed)).toEqual([]);
  });

  it('frees what it compiled when a later network does not compile', async () => {
    const { backend, seen } = fakeBackend([3]);
    const platform = platformOn(tensorflowDevice(backend, { batch: 1, epsilon: 1e-3 }), atOnce);
    await expect(platform.time([runnable, runnable], defaultProtocol, undisturbed)).rejects.toThrow(
      'out of memory',
    );
    expect(seen.disposed).toBe(1);
  });

  it('gives a record with source, spread and the device', async () => {
    const { backend } = fakeBackend([2, 1]);
    const platform = platformOn(tensorflowDevice(backend, { batch: 1, epsilon: 1e-3 }), atOnce);
    const [record] = (await platform.time([runnable], defaultProtocol, undisturbed)) ?? [];
    if (record === undefined) throw new Error('not timed');
    expect(record).toMatchObject({
      source: 'measured',
      platform: 'fake',
      medianMs: 2,
      lowMs: 2,
      highMs: 2,
      batch: 1,
    });
    expect(record.samplesMs).toHaveLength(record.runs);
    expect(record.reference).toEqual({ medianMs: 1, madMs: 0, factor: 1, drift: 0 });
    expect(record.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it('distinguishes batch, threads and versions in the fingerprint', () => {
    const { backend } = fakeBackend([]);
    const base = tensorflowDevice(backend, { batch: 1, epsilon: 1e-3 }).fingerprint;
    const others = [
      { ...base, batch: 2 },
      { ...base, threads: 2 },
      { ...base, versions: { fake: '2' } },
    ];
    const digests = [base, ...others].map((one) => fingerprintDigest(one));
    expect(new Set(digests).size).toBe(4);
    expect(fingerprintDigest({ ...base })).toBe(digests[0]);
  });

  it('describes TensorFlow on one core as earlier versions did, and as files and processes take it', () => {
    const { backend } = fakeBackend([]);
    const alone: Backend = { ...backend, info: { ...backend.info, backend: 'tensorflow' } };
    const { fingerprint } = tensorflowDevice(alone, { batch: 1, epsilon: 1e-3 }, () => (timing) => timing());
    expect(fingerprint).toMatchObject({ oneCore: true });
    expect(fingerprintSchema.parse(fingerprint)).toEqual(fingerprint);
  });
});
