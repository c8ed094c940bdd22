import { describe, expect, it } from 'vitest';
import { createRng, type Rng } from '../../src/core/index.js';
import {
  defaultProtocol,
  latencyRecord,
  platformOn,
  timeInterleaved,
  undisturbed,
  type Device,
  type Fingerprint,
} from '../../src/latency/index.js';
import { clockStep } from '../../src/latency/protocol/clock-step.js';
import { buildNetwork, initialWeights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { noiseIn } from '../../src/pool/worker/noise.js';

const repeated = (values: readonly number[]): number[] =>
  Array.from({ length: 40 }, (_, i) => values[i % values.length] ?? 0);

describe('the step of a clock', () => {
  it.each([
    ['whole milliseconds', [12, 13, 12, 14], 1],
    ['steps of 15.625 ms', [15.625, 31.25, 31.25], 15.625],
    ['steps of 0.1 ms, by differences of a clock', [1.0999999996, 1.2000000002, 1.1000000001], 0.1],
    ['means of three runs by a clock of 1 ms', [4 / 3, 5 / 3, 5 / 3, 2], 1 / 3],
  ])('shows in %s', (_, values, step) => {
    expect(clockStep(repeated(values), false)).toBeCloseTo(step, 5);
  });

  it('does not show in the runs of a fine clock, in few runs, or in values that no step leads to', () => {
    const rng = createRng('fine');
    expect(
      clockStep(
        Array.from({ length: 600 }, () => 1 + 0.05 * rng.uniform()),
        false,
      ),
    ).toBe(0);
    expect(clockStep([1, 2, 1, 2], false)).toBe(0);
    expect(clockStep(repeated([1, 1.5, 1.83]), false)).toBe(0);
    expect(clockStep([], true)).toBe(0);
  });

  it('of a printed number that is always the same is its last decimal place', () => {
    expect(clockStep(repeated([1]), true)).toBe(1);
    expect(clockStep(repeated([1.37]), true)).toBeCloseTo(0.01, 9);
    expect(clockStep(repeated([1.0625]), true)).toBeCloseTo(0.0001, 9);
    expect(clockStep(repeated([1]), false)).toBe(0);
  });
});

const FINGERPRINT: Fingerprint = {
  ...{
    platform: 'command:./board',
    batch: 1,
    backend: 'command',
    device: 'cpu',
    deviceName: 'board',
    threads: 0,
  },
  ...{ versions: {}, cpu: 'unknown', cores: 0, os: 'unknown' },
};
const network = buildNetwork(parseArchitecture('nas1:8x8x1 cn_k3_s2_c8_re gap fc_c3_id'));
const runnable = { network, weights: initialWeights(network, createRng('step')) };

/** Times as a program prints them that knows whole milliseconds only. */
const wholeMs = (meanMs: number, rng: Rng): number => Math.round(meanMs * (1 + 0.02 * rng.normal()));
function board(meanMs: number): Device {
  const rng = createRng('board');
  return {
    fingerprint: FINGERPRINT,
    leastBurst: 20,
    elsewhere: true,
    printed: true,
    open: () =>
      Promise.resolve({
        time: (count: number) => Array.from({ length: count }, () => wholeMs(meanMs, rng)),
        dispose: () => undefined,
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

describe('a device that answers in whole milliseconds', () => {
  it.each([1.02, 2.5, 12.3])('has intervals no narrower than that: %s ms', async (meanMs) => {
    await using platform = platformOn(board(meanMs));
    const [record] = (await platform.time([runnable], { ...defaultProtocol, repeats: 0 }, undisturbed)) ?? [];
    if (record === undefined) throw new Error('no record');
    expect(record.highMs - record.lowMs).toBeGreaterThanOrEqual(0.999);
    expect(record.lowMs).toBeLessThanOrEqual(meanMs);
    expect(record.highMs).toBeGreaterThanOrEqual(meanMs - 0.3);
    expect(record).toMatchObject({ clockStepMs: 1, settled: false });
    // As far as runs help: not on to a cap that would change nothing.
    expect(record.runs).toBeLessThan(defaultProtocol.maxRuns);
    expect(noiseIn([record], 0.02)).toMatch(
      /^the clock of command:.\/board moves in steps of 1 ms a run, too coarse to time to 2 %/,
    );
  });

  it('of a latency of many steps is timed as precisely as asked, and nothing is said', async () => {
    await using platform = platformOn(board(900));
    const [record] = (await platform.time([runnable], { ...defaultProtocol, repeats: 0 }, undisturbed)) ?? [];
    expect(record?.clockStepMs).toBeUndefined();
    expect(record?.settled).toBe(true);
  });
});

describe('a device that knows its clock', () => {
  it('has intervals of a step of it, divided by the runs of a sample', async () => {
    const session = await timeInterleaved(
      [{ clockStepMs: 0.05, time: (n) => new Array<number>(n).fill(2) }],
      defaultProtocol,
    );
    const [one] = session?.networks ?? [];
    expect(one).toMatchObject({
      medianMs: 2,
      lowMs: 1.975,
      highMs: 2.025,
      clockStepMs: 0.05,
      settled: false,
    });
    expect(latencyRecord(one!, FINGERPRINT).clockStepMs).toBe(0.05);
  });
});
