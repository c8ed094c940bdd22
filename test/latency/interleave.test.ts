import { describe, expect, it } from 'vitest';
import { createRng, median } from '../../src/core/index.js';
import { defaultProtocol, timeInterleaved, type Protocol, type Timed } from '../../src/latency/index.js';

/** A machine on a virtual clock: what a run takes may depend on the time and on chance. */
function machine() {
  let clock = 0;
  let runs = 0;
  const order: number[] = [];
  return {
    elapsed: () => clock,
    order,
    runs: () => runs,
    program(id: number, cost: (at: number, nth: number) => number): Timed {
      return {
        time(count) {
          order.push(id);
          return Array.from({ length: count }, (_, nth) => {
            const value = cost(clock, nth);
            clock += value;
            runs++;
            return value;
          });
        },
      };
    },
  };
}
const protocol: Protocol = { ...defaultProtocol, maxSeconds: 1000 };
const never = () => false;

async function time(programs: Timed[], elapsed: () => number, changes: Partial<Protocol> = {}) {
  const measured = await timeInterleaved(programs, { ...protocol, ...changes }, never, elapsed);
  if (measured === null) throw new Error('stopped');
  return measured;
}

describe('timeInterleaved', () => {
  it('needs no more than the least number of runs of a steady network', async () => {
    const m = machine();
    const [one] = await time([m.program(0, () => 2)], m.elapsed);
    expect(one).toMatchObject({
      medianMs: 2,
      madMs: 0,
      p90Ms: 2,
      lowMs: 2,
      highMs: 2,
      runs: 40,
      settled: true,
    });
    expect(m.runs()).toBe(40 + 20);
  });

  it('goes on under noise until the interval is narrow, and the interval holds the true median', async () => {
    const rng = createRng(3);
    const m = machine();
    const [one] = await time([m.program(0, () => 5 * Math.exp(0.1 * rng.normal()))], m.elapsed, {
      maxRuns: 4000,
      precision: 0.015,
    });
    expect(one?.settled).toBe(true);
    expect(one?.runs).toBeGreaterThan(100);
    expect(((one?.highMs ?? 0) - (one?.lowMs ?? 0)) / 5).toBeLessThan(0.02);
    expect(one?.lowMs).toBeLessThan(5.05);
    expect(one?.highMs).toBeGreaterThan(4.95);
  });

  it('is not moved by spikes, which show in the 90 % quantile only when they are many', async () => {
    const rng = createRng(4);
    const m = machine();
    const [one] = await time(
      [m.program(0, () => (rng.uniform() < 0.15 ? 40 : 1 + 0.01 * rng.uniform()))],
      m.elapsed,
    );
    expect(one?.medianMs).toBeLessThan(1.02);
    expect(one?.p90Ms).toBe(40);
  });

  it('says that a machine with two speeds did not settle, with an interval over both', async () => {
    const rng = createRng(5);
    const m = machine();
    const [one] = await time([m.program(0, () => (rng.uniform() < 0.5 ? 1 : 2))], m.elapsed, {
      maxRuns: 200,
    });
    expect(one).toMatchObject({ settled: false, runs: 200, lowMs: 1, highMs: 2 });
  });

  it('lets a drift meet all alike: the ratio of two networks stays right while the machine slows down threefold', async () => {
    const m = machine();
    const slow = (at: number) => 1 + at / 800;
    const programs = [m.program(0, (at) => slow(at)), m.program(1, (at) => 1.1 * slow(at))];
    const [a, b] = await time(programs, m.elapsed, { maxRuns: 400, precision: 0 });
    expect((b?.medianMs ?? 0) / (a?.medianMs ?? 1)).toBeCloseTo(1.1, 1);
    // one after the other the second would look slower by far
    const n = machine();
    const first = await time([n.program(0, slow)], n.elapsed, { maxRuns: 400, precision: 0 });
    const second = await time([n.program(1, (at) => 1.1 * slow(at))], n.elapsed, {
      maxRuns: 400,
      precision: 0,
    });
    expect((second[0]?.medianMs ?? 0) / (first[0]?.medianMs ?? 1)).toBeGreaterThan(1.3);
  });

  it('takes turns in an order that changes and that the seed fixes', async () => {
    const orders: number[][] = [];
    for (const seed of ['a', 'a', 'b']) {
      const m = machine();
      await time(
        [0, 1, 2].map((id) => m.program(id, () => 1)),
        m.elapsed,
        { seed },
      );
      orders.push(m.order.slice(-12));
    }
    expect(orders[0]).toEqual(orders[1]);
    expect(orders[0]).not.toEqual(orders[2]);
    for (let round = 0; round < 4; round++)
      expect(orders[0]?.slice(3 * round, 3 * round + 3).sort()).toEqual([0, 1, 2]);
    expect(
      new Set([0, 1, 2, 3].map((round) => orders[0]?.slice(3 * round, 3 * round + 3).join())).size,
    ).toBeGreaterThan(1);
  });

  it('drops the first run of a burst beside others, where caches are cold', async () => {
    const m = machine();
    const cold = (_at: number, nth: number) => (nth === 0 ? 9 : 1);
    const [a, b] = await time([m.program(0, cold), m.program(1, cold)], m.elapsed);
    expect([a?.p90Ms, b?.p90Ms, a?.samplesMs.includes(9)]).toEqual([1, 1, false]);
  });

  it('warms up until two bursts agree, and not for ever', async () => {
    const m = machine();
    const [one] = await time([m.program(0, (at) => (at < 200 ? 10 : 1))], m.elapsed);
    expect(one?.medianMs).toBe(1);
    const n = machine();
    let burst = 1;
    const restless: Timed = { time: (count) => n.program(0, () => (burst *= 1.1)).time(count) };
    await time([restless], n.elapsed, { precision: 10 });
    expect(n.runs()).toBe(protocol.warmupRuns + protocol.minRuns);
  });

  it('keeps to its caps of runs, seconds and stored samples', async () => {
    const rng = createRng(6);
    const m = machine();
    const noisy = () => 1 + rng.uniform();
    const [one] = await time([m.program(0, noisy)], m.elapsed, { precision: 0, maxRuns: 333, keep: 50 });
    expect(one?.runs).toBe(333);
    expect(one?.samplesMs).toHaveLength(50);
    const n = machine();
    const [two] = await time([n.program(0, () => 400 + rng.uniform())], n.elapsed, {
      precision: 0,
      maxSeconds: 10,
    });
    expect(two?.settled).toBe(false);
    expect(n.elapsed()).toBeLessThan(10_000 + 10 * 401);
    expect(two?.medianMs).toBe(median(two?.samplesMs ?? []));
  });

  it('ends between two bursts when it is told to stop', async () => {
    const m = machine();
    let left = 4;
    const result = await timeInterleaved([m.program(0, () => 1)], protocol, () => left-- <= 0, m.elapsed);
    expect(result).toBeNull();
    expect(m.runs()).toBeLessThanOrEqual(40);
  });
});
