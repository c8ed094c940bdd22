import { describe, expect, it } from 'vitest';
import { createRng, median } from '../../src/core/index.js';
import { defaultProtocol, timeInterleaved, type Protocol, type Timed } from '../../src/latency/index.js';
import { linear, machine, slower, spikes } from './machine.js';

const protocol: Protocol = { ...defaultProtocol, maxSeconds: 1000 };

async function time(
  programs: readonly Timed[],
  elapsed: () => number,
  changes: Partial<Protocol> = {},
  reference?: Timed,
) {
  const session = await timeInterleaved(programs, { ...protocol, ...changes }, { elapsed, reference });
  if (session === null) throw new Error('stopped');
  return session;
}
const exact = (m: ReturnType<typeof machine>, id: number, ms: number) => m.program(id, ms, 0);

describe('timeInterleaved', () => {
  it('needs no more than the least number of runs of a steady network', async () => {
    const m = machine();
    const { networks, reference } = await time([exact(m, 0, 2)], m.elapsed);
    expect(networks).toMatchObject([
      { medianMs: 2, rawMedianMs: 2, madMs: 0, p90Ms: 2, lowMs: 2, highMs: 2, runs: 100, settled: true },
    ]);
    expect(reference).toBeNull();
    expect(m.now()).toBe(2 * (100 + 20));
  });

  it('continues under noise until the interval is narrow', async () => {
    const rng = createRng(3);
    const noisy: Timed = {
      time: (count) => Array.from({ length: count }, () => 5 * Math.exp(0.1 * Math.abs(rng.normal()))),
    };
    const { networks } = await time([noisy], () => 0, { maxRuns: 4000, precision: 0.003 });
    const [one] = networks;
    expect(one?.settled).toBe(true);
    expect(one?.runs).toBeGreaterThan(100);
    expect(((one?.highMs ?? 0) - (one?.lowMs ?? 0)) / 5).toBeLessThan(0.005);
    expect(one?.medianMs).toBeGreaterThanOrEqual(one?.lowMs ?? Infinity);
    expect(one?.medianMs).toBeLessThanOrEqual(one?.highMs ?? 0);
    expect(one?.rawMedianMs).toBeGreaterThan(5.2);
  });

  it('is not moved by what makes most runs longer, which shows in the other statistics', async () => {
    const m = machine(4);
    m.become(spikes(0.7));
    const { networks } = await time([m.program(0, 1)], m.elapsed);
    expect(networks[0]?.medianMs).toBeGreaterThan(0.98);
    expect(networks[0]?.medianMs).toBeLessThan(1.01);
    expect(networks[0]?.rawMedianMs).toBeGreaterThan(1.5);
    expect(networks[0]?.p90Ms).toBeGreaterThan(5);
  });

  it('says that it did not settle where chance decides which runs are fast', async () => {
    const rng = createRng('wild');
    const wild: Timed = {
      time: (count) => {
        const speed = 1 + rng.uniform();
        return new Array<number>(count).fill(speed);
      },
    };
    const { networks } = await time([wild], () => 0, { maxRuns: 200 });
    expect(networks[0]).toMatchObject({ settled: false, runs: 200 });
    expect(networks[0]?.highMs).toBeGreaterThan(1.03 * (networks[0]?.lowMs ?? 9));
  });

  it('lets a drift affect all equally: the ratio of two networks stays right while the machine slows down', async () => {
    const m = machine();
    m.become(linear(1));
    const changes = { maxRuns: 600, precision: 0 };
    const { networks } = await time([m.program(0, 1), m.program(1, 1.1)], m.elapsed, changes);
    const [a, b] = networks;
    expect((b?.medianMs ?? 0) / (a?.medianMs ?? 1)).toBeCloseTo(1.1, 1);
    // one after the other the second would look slower by far
    const n = machine();
    n.become(linear(1));
    const first = await time([n.program(0, 1)], n.elapsed, changes);
    const second = await time([n.program(1, 1.1)], n.elapsed, changes);
    expect((second.networks[0]?.medianMs ?? 0) / (first.networks[0]?.medianMs ?? 1)).toBeGreaterThan(1.3);
  });

  it('reports how much the machine changed by the reference, and knows the ratio to it better than either', async () => {
    const m = machine();
    m.become(linear(2));
    const { networks, reference } = await time([m.program(0, 2)], m.elapsed, {}, m.program(1, 1));
    expect(reference?.drift).toBeGreaterThan(0.3);
    const ratio = (networks[0]?.medianMs ?? 0) / (reference?.medianMs ?? 1);
    expect(Math.abs(ratio / 2 - 1)).toBeLessThan(0.05);
    const steady = machine();
    const quiet = await time([steady.program(0, 2)], steady.elapsed, {}, steady.program(1, 1));
    expect(quiet.reference?.drift).toBeLessThan(0.02);
  });

  it('takes turns in an order that changes and that the seed fixes', async () => {
    const orders: number[][] = [];
    for (const seed of ['a', 'a', 'b']) {
      const m = machine();
      const ids = [0, 1, 2].map((id) => exact(m, id, 1));
      await time(ids, m.elapsed, { seed }, exact(m, 3, 1));
      orders.push(m.order.slice(-16));
    }
    expect(orders[0]).toEqual(orders[1]);
    expect(orders[0]).not.toEqual(orders[2]);
    const rounds = [0, 1, 2, 3].map((round) => orders[0]?.slice(4 * round, 4 * round + 4) ?? []);
    for (const round of rounds) expect([...round].sort()).toEqual([0, 1, 2, 3]);
    expect(new Set(rounds.map((round) => round.join())).size).toBeGreaterThan(1);
  });

  it('drops the first run of a burst among others, where caches are cold', async () => {
    const cold: Timed = { time: (count) => Array.from({ length: count }, (_, nth) => (nth === 0 ? 9 : 1)) };
    const { networks, reference } = await time([cold], () => 0, {}, cold);
    expect(networks[0]).toMatchObject({ p90Ms: 1, rawMedianMs: 1, madMs: 0 });
    expect(networks[0]?.samplesMs.includes(9)).toBe(false);
    expect(reference?.madMs).toBe(0);
  });

  it('keeps samples of all networks in step: sample k of each comes from the same round', async () => {
    const m = machine();
    const programs = [1, 2, 3].map((ms, id) => m.program(id, ms));
    const { networks } = await time(programs, m.elapsed, { precision: 0, keep: 50 }, m.program(3, 1));
    expect(networks.map((one) => [one.runs, one.samplesMs.length])).toEqual(
      new Array(3).fill([protocol.maxRuns, 50]),
    );
  });

  it('warms up until two bursts agree, and not for ever', async () => {
    const m = machine();
    m.become((at) => (at < 200 ? 10 : 1));
    const { networks } = await time([exact(m, 0, 1)], m.elapsed);
    expect(networks[0]?.p90Ms).toBe(1);
    let runs = 0;
    let burst = 1;
    const restless: Timed = {
      time: (count) => {
        runs += count;
        return new Array<number>(count).fill((burst *= 1.1));
      },
    };
    await time([restless], () => 0, { precision: 10 });
    expect(runs).toBe(protocol.warmupRuns + protocol.minRuns);
  });

  it('keeps to its caps of runs, seconds and stored samples', async () => {
    const m = machine(6);
    m.become(spikes(0.5));
    const capped = await time([m.program(0, 1)], m.elapsed, { precision: 0, maxRuns: 333, keep: 50 });
    expect(capped.networks[0]?.runs).toBe(333);
    expect(capped.networks[0]?.samplesMs).toHaveLength(50);
    const n = machine(7);
    n.become(slower(400));
    const late = await time([n.program(0, 1)], n.elapsed, { precision: 0, maxSeconds: 10 });
    expect(late.networks[0]?.settled).toBe(false);
    expect(n.elapsed()).toBeLessThan(10_000 + 10 * 410);
    expect(late.networks[0]?.rawMedianMs).toBe(median(late.networks[0]?.samplesMs ?? []));
  });

  it('makes bursts as long as the device needs them', async () => {
    const counts: number[] = [];
    const remote: Timed = {
      time: (count) => {
        counts.push(count);
        return new Array<number>(count).fill(1);
      },
    };
    const session = await timeInterleaved([remote], { ...protocol, maxRuns: 280 }, { leastBurst: 50 });
    expect(Math.min(...counts.slice(1))).toBeGreaterThanOrEqual(50);
    expect(session?.networks[0]?.settled).toBe(true);
  });

  it('ends between two bursts on request', async () => {
    const m = machine();
    let left = 4;
    const stop = () => left-- <= 0;
    const result = await timeInterleaved([exact(m, 0, 1)], protocol, { stop, elapsed: m.elapsed });
    expect(result).toBeNull();
    expect(m.now()).toBeLessThanOrEqual(40);
  });
});
