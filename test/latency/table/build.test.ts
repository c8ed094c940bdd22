import { describe, expect, it } from 'vitest';
import { withoutPauses } from '../../../src/core/index.js';
import { buildTable, undisturbed, type LatencyTable } from '../../../src/latency/index.js';
import { layersOfSegment, segmentOf } from '../../../src/latency/table/key.js';
import { keysOfSpace } from '../../../src/latency/table/build/space-keys.js';
import { effortOf } from '../../../src/latency/table/work.js';
import { additive, DEVICE, fakePlatform, layerMs, RUN_MS, smallSpace, type FakePlatform } from './world.js';

const space = smallSpace();
const keys = withoutPauses(keysOfSpace(space));

/** ms of a segment as a stand-alone network, on a machine on which latencies add up. */
function layersCost(key: string): number {
  const segment = segmentOf(key);
  if (segment === null) throw new Error(key);
  return layersOfSegment(segment).reduce((sum, layer) => sum + layerMs(layer), RUN_MS);
}

interface Given {
  readonly before?: LatencyTable | null;
  readonly others?: readonly LatencyTable[];
  readonly platform?: FakePlatform;
  readonly stopAfter?: number;
  readonly widths?: boolean;
  readonly networks?: number;
}

async function build({ before = null, others = [], platform = fakePlatform(additive), ...rest }: Given = {}) {
  const saved: LatencyTable[] = [];
  const progress: { done: number; total: number; secondsLeft: number | null }[] = [];
  const built = await buildTable({
    platform,
    name: 'fake',
    space,
    widths: rest.widths ?? false,
    networks: rest.networks ?? 0,
    before,
    others,
    surroundings: { ...undisturbed, stop: () => saved.length >= (rest.stopAfter ?? Infinity) },
    save: (table) => saved.push(table),
    listen: ({ phase, ...rest }) => {
      if (phase === 'entries') progress.push(rest);
    },
  });
  return { ...built, saved, progress, platform };
}

describe('buildTable', () => {
  it('pauses while it looks for the segments of a space, and can be stopped then', async () => {
    let pauses = 0;
    const platform = fakePlatform(additive);
    const { finished, timed, table } = await buildTable({
      ...{ platform, name: 'fake', space, widths: true, networks: 0, before: null, others: [] },
      surroundings: { ...undisturbed, stop: () => pauses >= 3 },
      save: () => undefined,
      pause: () => {
        pauses++;
        return Promise.resolve();
      },
    });
    expect([finished, timed, pauses, Object.keys(table.entries)]).toEqual([false, 0, 3, []]);
    expect(platform.sessions()).toBe(0);
  });

  it('has a line for every segment: its latency without that of an empty run', async () => {
    const { table, finished, timed } = await build();
    expect(finished).toBe(true);
    expect(timed).toBe(keys.length);
    expect(Object.keys(table.entries).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      const segment = segmentOf(key);
      if (segment === null) throw new Error(key);
      const own = layersOfSegment(segment).reduce((sum, layer) => sum + layerMs(layer), 0);
      // What the made-up machine takes to read and write eight numbers is subtracted with the start of an operation.
      expect(Math.abs((table.entries[key]?.ms ?? 0) - own)).toBeLessThan(5e-5);
    }
    expect(table.empty.ms).toBeCloseTo(RUN_MS, 4);
    expect(table).toMatchObject({ planned: keys.length, platform: 'fake', fingerprint: DEVICE, batch: 1 });
  });

  it('times the short ones first, in batches, and saves after each', async () => {
    const { saved, progress } = await build();
    expect(saved.length).toBeGreaterThanOrEqual(Math.ceil(keys.length / 24));
    const efforts = (table: LatencyTable | undefined) =>
      Object.keys(table?.entries ?? {}).map((key) =>
        effortOf(segmentOf(key) ?? { input: [1, 1, 1], steps: [] }),
      );
    const first = efforts(saved[0]);
    expect(first).toHaveLength(24);
    const rest = efforts(saved.at(-1)).slice(24);
    expect(Math.max(...first)).toBeLessThanOrEqual(Math.min(...rest));
    expect(progress[0]?.secondsLeft).toBeNull();
    expect(progress.slice(1).every(({ secondsLeft }) => secondsLeft !== null && secondsLeft >= 0)).toBe(true);
    expect(progress.at(-1)).toMatchObject({ done: keys.length, total: keys.length, secondsLeft: 0 });
  });

  it('resumes where it was stopped, and comes to the same table', async () => {
    const whole = await build();
    const stopped = await build({ stopAfter: 2 });
    expect(stopped.finished).toBe(false);
    expect(Object.keys(stopped.table.entries)).toHaveLength(48);
    const rest = await build({ before: stopped.saved.at(-1) ?? null });
    // The first 48 have one of two sessions.
    expect(rest.timed).toBe(keys.length);
    expect(rest.table.entries).toEqual(whole.table.entries);
    // Each batch's table is of the moment at which the first was begun.
    const begun = [...stopped.saved, ...rest.saved].map(({ createdAt }) => createdAt);
    expect(new Set(begun)).toEqual(new Set([stopped.table.createdAt]));
    const again = await build({ before: rest.table });
    expect([again.timed, again.finished]).toEqual([0, true]);
  });

  it('takes lines of the same device from tables of other spaces, never those of another device', async () => {
    const { table } = await build();
    const half = Object.fromEntries(Object.entries(table.entries).slice(0, 50));
    const other = { ...table, entries: half };
    const same = await build({ others: [other] });
    expect([same.taken, same.timed]).toEqual([50, keys.length - 50]);
    const foreign = { ...other, fingerprint: { ...DEVICE, threads: 2 } };
    const nameless = { ...other, fingerprint: null };
    const own = await build({ others: [foreign, nameless] });
    expect([own.taken, own.timed]).toEqual([0, keys.length]);
  });

  it('adds narrower segments for NetAdapt', async () => {
    const { table } = await build({ widths: true });
    expect(Object.keys(table.entries).length).toBeGreaterThan(keys.length);
    expect(table.planned).toBe(Object.keys(table.entries).length);
  });

  it('measures whole networks that lie far apart for the correction, once', async () => {
    const { table } = await build({ networks: 6 });
    expect(table.networks.map(({ use }) => use)).toEqual(new Array(6).fill('calibration'));
    const times = table.networks.map(({ medianMs }) => medianMs);
    expect(Math.max(...times)).toBeGreaterThan(2 * Math.min(...times));
    const again = await build({ before: table, networks: 6 });
    expect(again.table.networks).toEqual(table.networks);
  });

  it('knows boundary overheads and cache pressure also where every line was there already', async () => {
    const { table } = await build();
    const { table: second, timed, platform } = await build({ others: [table] });
    expect([timed, platform.sessions()]).toEqual([0, 0]);
    expect([second.boundaries, second.cachePressure]).toEqual([table.boundaries, table.cachePressure]);
  });

  it('times lines again that version 1 made, and keeps the networks that it measured', async () => {
    const { table } = await build({ networks: 6 });
    const { boundaries, cachePressure, ...rest } = table;
    expect([boundaries, cachePressure]).not.toContain(undefined);
    const old = { ...rest, version: 1 as const };
    const { table: renewed, timed } = await build({ before: old, networks: 6 });
    expect([renewed.version, timed]).toEqual([2, keys.length]);
    expect(renewed.networks).toEqual(table.networks);
    const { taken } = await build({ others: [old] });
    expect(taken).toBe(0);
  });

  it('takes a third session where two disagree, and the one in the middle', async () => {
    const tainted = keys[5] ?? '';
    const cost = layersCost(tainted);
    let sessions = 0;
    const platform = fakePlatform((network) => {
      const own = additive(network);
      // Once of three times, it takes twice as long.
      return Math.abs(own - cost) < 1e-9 && ++sessions === 1 ? 2 * own : own;
    });
    const { table } = await build({ platform });
    expect(table.entries[tainted]?.sessionsMs).toHaveLength(3);
    expect(Math.abs((table.entries[tainted]?.ms ?? 0) - (cost - RUN_MS))).toBeLessThan(5e-5);
    const others = Object.values(table.entries).filter(({ sessionsMs }) => sessionsMs?.length === 3);
    expect(others.length).toBeLessThan(5);
  });
});
