import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  compareLatencies,
  defaultProtocol,
  deviceFolder,
  platformOn,
  undisturbed,
  type PlatformOnOptions,
} from '../../src/latency/index.js';
import { driftCorrectionOf } from '../../src/latency/protocol/drift-correction.js';
import { keepBaseline, readBaseline } from '../../src/latency/protocol/baseline.js';
import type { LatencyRecord } from '../../src/trials/index.js';
import {
  atRest,
  linear,
  machine,
  network,
  periodic,
  REFERENCE_NAME,
  simulated,
  slower,
  spikes,
  step,
  type Slowness,
} from './machine.js';

const root = mkdtempSync(join(tmpdir(), 'nas-correction-'));
afterAll(() => rmSync(root, { recursive: true }));
let folder = '';
let count = 0;
beforeEach(() => {
  folder = join(root, String(++count));
});

type Machine = ReturnType<typeof machine>;

/** Times networks on its own platform, as another process would. */
async function session(
  m: Machine,
  times: readonly number[],
  options: PlatformOnOptions = {},
): Promise<readonly LatencyRecord[]> {
  await using platform = platformOn(simulated(m), { folder, rest: () => Promise.resolve(), ...options });
  const records = await platform.time(times.map(network), defaultProtocol, undisturbed);
  if (records === null) throw new Error('stopped');
  return records;
}

async function timed(m: Machine, ms: number, options?: PlatformOnOptions): Promise<LatencyRecord> {
  const [record] = await session(m, [ms], options);
  if (record === undefined) throw new Error('nothing');
  return record;
}

const off = (found: number, truth: number) => Math.abs(found / truth - 1);

/** A latency in units of the reference's in its session: corrected whole, nothing held back. */
function inReferences({ medianMs, reference }: LatencyRecord): number {
  if (reference === undefined) throw new Error('no reference');
  return medianMs / reference.factor / reference.medianMs;
}

/** The most that a correction holds back, as a share of the latency, and what is left of noise. */
const CLOSE = 0.05 + 0.02;

describe('correctionOf', () => {
  it('is the ratio of both readings, less a quarter of it, 5 % at most', () => {
    expect(driftCorrectionOf(2, 2)).toEqual({ factor: 1, doubt: 1 });
    expect(driftCorrectionOf(1, 1.08).factor).toBeCloseTo((1 / 1.08) ** 0.75, 9);
    expect(driftCorrectionOf(1, 1.08).doubt).toBeCloseTo(1.08 ** 0.25, 9);
    expect(driftCorrectionOf(1.08, 1).factor).toBeCloseTo(1.08 ** 0.75, 9);
    expect(driftCorrectionOf(1, 3).factor).toBeCloseTo(Math.exp(0.05) / 3, 9);
    expect(driftCorrectionOf(3, 1).factor).toBeCloseTo(3 / Math.exp(0.05), 9);
  });

  it('never turns the order round, and its doubt reaches the whole correction', () => {
    const reading = fc.double({ min: 0.01, max: 100, noNaN: true });
    fc.assert(
      fc.property(reading, reading, reading, (first, now, later) => {
        const { factor, doubt } = driftCorrectionOf(first, now);
        expect(Math.abs(Math.log(factor * (now / first)))).toBeLessThanOrEqual(Math.log(doubt) + 1e-9);
        if (later > now) expect(driftCorrectionOf(first, later).factor).toBeLessThanOrEqual(factor);
      }),
    );
  });
});

describe('after a drift the latency comes back, the plain median does not, on a machine that is', () => {
  const drifts: readonly (readonly [string, fc.Arbitrary<Slowness>, number])[] = [
    ['slower throughout', fc.double({ min: 1.15, max: 3, noNaN: true }).map(slower), 0.1],
    ['faster throughout', fc.double({ min: 0.4, max: 0.87, noNaN: true }).map(slower), 0.1],
    [
      'slower and slower',
      fc.double({ min: 0.1, max: 0.5, noNaN: true }).map((share) => linear(share, 1.2)),
      0.1,
    ],
    [
      'slower from some moment on',
      fc
        .tuple(fc.double({ min: 1.3, max: 3, noNaN: true }), fc.integer({ min: 0, max: 60 }))
        .map((x) => step(...x)),
      0.1,
    ],
    ['struck by spikes', fc.double({ min: 0.65, max: 0.8, noNaN: true }).map(spikes), 0.1],
    [
      'slower in waves',
      fc
        .tuple(fc.double({ min: 0.2, max: 0.6, noNaN: true }), fc.integer({ min: 40, max: 900 }))
        .map((x) => periodic(...x)),
      0.1,
    ],
  ];
  it.each(drifts)('%s', async (_, drift, least) => {
    await fc.assert(
      fc.asyncProperty(
        drift,
        fc.double({ min: 0.3, max: 5, noNaN: true }),
        fc.integer(),
        async (slowness, ms, seed) => {
          folder = join(root, String(++count));
          const m = machine(seed);
          const before = await timed(m, ms);
          m.become(slowness);
          const after = await timed(m, ms);
          expect(off(before.medianMs, ms)).toBeLessThan(0.015);
          expect(off(after.medianMs, before.medianMs)).toBeLessThan(CLOSE);
          expect(off(inReferences(after), inReferences(before))).toBeLessThan(0.03);
          expect(off(after.rawMedianMs ?? 0, before.rawMedianMs ?? 1)).toBeGreaterThan(least);
        },
      ),
      { numRuns: 20, seed: 1 },
    );
  });
});

describe('two sessions', () => {
  it('do not take a slower machine for a slower network, nor a slower network for a slower machine', async () => {
    const m = machine();
    const a = await timed(m, 2);
    m.become(slower(1.5));
    const [same, other] = await session(m, [2, 2.2]);
    if (same === undefined || other === undefined) throw new Error('nothing');
    expect(compareLatencies(a, same)).toBe('indistinguishable');
    expect(compareLatencies(a, other)).toBe('faster');
    expect(compareLatencies(other, a)).toBe('slower');
  });

  it.each([
    ['is struck by spikes', spikes(0.5)],
    ['has become slower', slower(1.5)],
    ['has become faster', slower(0.8)],
  ])(
    'give intervals that hold the truth about as often as it says on a machine that %s',
    async (_, slowness) => {
      let held = 0;
      const all = 60;
      for (let seed = 0; seed < all; seed++) {
        folder = join(root, String(++count));
        const m = machine(`coverage ${seed}`);
        // The reference's own baseline has its error too: give it a long session.
        keepBaseline(folder, platformOn(simulated(m)).fingerprint, { medianMs: 0.991, runs: 9999 });
        m.become(slowness);
        const record = await timed(m, 2);
        if (record.lowMs <= 2 * 0.991 && 2 * 0.991 <= record.highMs) held++;
      }
      expect(held / all).toBeGreaterThan(0.8);
    },
  );
});

describe('a session that was disturbed', () => {
  /** Times a network of 2 ms on a machine that has become slower, and is quiet again after some rests. */
  async function disturbed(quietAfter: number, networks = 1, protocol = defaultProtocol) {
    const m = machine();
    let rests = 0;
    const rest = () => {
      if (++rests === quietAfter) m.become(atRest);
      return Promise.resolve();
    };
    await timed(m, 2);
    m.become(slower(1.4));
    await using platform = platformOn(simulated(m), { folder, rest });
    const all = Array.from({ length: networks }, () => network(2));
    const [record] = (await platform.time(all, protocol, undisturbed)) ?? [];
    return { rests, reference: record?.reference };
  }

  it.each([
    [1, 1],
    [2, 2],
  ])('is taken again until the machine is quiet, after %i rests', async (quietAfter, retaken) => {
    const { rests, reference } = await disturbed(quietAfter);
    expect(rests).toBe(retaken);
    expect(reference?.retaken).toBe(retaken);
    expect(reference?.factor).toBeCloseTo(1, 1);
  });

  it('counts when the machine does not become quiet: the quietest does', async () => {
    const { rests, reference } = await disturbed(9);
    expect(rests).toBe(2);
    expect(reference?.retaken).toBe(2);
    expect(reference?.factor).toBeCloseTo(1 / 1.4, 1);
  });

  it('is taken again less and less while that does not help, and as often as before once it did', async () => {
    const m = machine();
    let rests = 0;
    const rest = () => Promise.resolve(void rests++);
    await timed(m, 2);
    await using platform = platformOn(simulated(m), { folder, rest });
    const restsWhile = async (slowness: Slowness, networks = 1): Promise<number> => {
      m.become(slowness);
      const before = rests;
      const all = Array.from({ length: networks }, () => network(2));
      await platform.time(all, defaultProtocol, undisturbed);
      return rests - before;
    };
    // One that is not taken again anyway says nothing of whether that helps.
    expect(await restsWhile(slower(1.4), 5)).toBe(0);
    for (const expected of [2, 1, 0, 0]) expect(await restsWhile(slower(1.4))).toBe(expected);
    expect(await restsWhile(atRest)).toBe(0);
    expect(await restsWhile(slower(1.4))).toBe(2);
  });

  it('is not taken again with many networks, nor where none is to be', async () => {
    expect((await disturbed(9, 5)).rests).toBe(0);
    expect((await disturbed(9, 1, { ...defaultProtocol, repeats: 0 })).rests).toBe(0);
  });

  it('is recognised in the baseline, too: the quietest of three is kept', async () => {
    const m = machine();
    m.become(slower(1.4));
    let rests = 0;
    const rest = () => {
      m.become(++rests === 1 ? atRest : slower(1.2));
      return Promise.resolve();
    };
    await timed(m, 2, { rest });
    const [name = ''] = readdirSync(folder);
    const kept = JSON.parse(readFileSync(join(folder, name, 'reference.json'), 'utf8')) as {
      medianMs: number;
    };
    expect(kept.medianMs).toBeCloseTo(1, 1);
  });

  it('ends when it is stopped', async () => {
    const m = machine();
    await timed(m, 2);
    m.become(slower(2));
    let stopped = false;
    const rest = () => {
      stopped = true;
      return Promise.resolve();
    };
    await using platform = platformOn(simulated(m), { folder, rest });
    const surroundings = { ...undisturbed, stop: () => stopped };
    expect(await platform.time([network(2)], defaultProtocol, surroundings)).toBeNull();
  });
});

describe('the record', () => {
  it('has the raw runs, the reference, the factor and what the machine was like', async () => {
    const m = machine();
    await timed(m, 2);
    m.become(slower(2));
    const states = [
      { clockMhz: 3000, load: 0.5, temperatureC: null },
      { clockMhz: 2900, load: 1, temperatureC: 60 },
    ];
    let asked = 0;
    const state = () => states[asked++ % 2] ?? { clockMhz: null, load: null, temperatureC: null };
    const record = await timed(m, 2, { state });
    expect(record.reference?.factor).toBeCloseTo(0.5, 1);
    expect(record.reference?.medianMs).toBeCloseTo(2, 1);
    expect(record.rawMedianMs).toBeCloseTo(4, 1);
    expect(Math.min(...record.samplesMs)).toBeGreaterThan(3.9);
    expect(record.samplesMs).toHaveLength(record.runs);
    expect(record.p90Ms).toBeCloseTo(4 * (record.reference?.factor ?? 0), 1);
    expect(record.hostState).toEqual({ clockMhz: [3000, 2900], load: 0.5, temperatureC: 60 });
    expect(record.settled).toBe(true);
  });

  it('stands on no scale but its own without the reference', async () => {
    const m = machine();
    await using platform = platformOn(simulated(m), { folder, rest: () => Promise.resolve() });
    const protocol = { ...defaultProtocol, reference: false };
    const [record] = (await platform.time([network(2)], protocol, undisturbed)) ?? [];
    expect(record).not.toHaveProperty('reference');
    expect(existsSync(folder)).toBe(false);
  });

  it('of a device elsewhere says nothing of this machine', async () => {
    const device = { ...simulated(machine()), elsewhere: true };
    await using platform = platformOn(device, {
      rest: () => Promise.resolve(),
      state: () => ({ clockMhz: 1, load: 1, temperatureC: 1 }),
    });
    const [record] = (await platform.time([network(2)], defaultProtocol, undisturbed)) ?? [];
    expect(record).not.toHaveProperty('hostState');
  });
});

describe('the baseline', () => {
  it('is kept per device, and stays the first one', async () => {
    const m = machine();
    await timed(m, 2);
    const [name = ''] = readdirSync(folder);
    expect(name).toMatch(/^simulated-[0-9a-f]{16}$/);
    const files = readdirSync(join(folder, name)).sort();
    expect(files).toEqual(['device.json', 'reference.json']);
    const before = readFileSync(join(folder, name, 'reference.json'), 'utf8');
    expect(JSON.parse(readFileSync(join(folder, name, 'device.json'), 'utf8'))).toMatchObject({
      platform: 'simulated',
      reference: REFERENCE_NAME,
    });
    m.become(slower(3));
    await timed(m, 2);
    expect(readFileSync(join(folder, name, 'reference.json'), 'utf8')).toBe(before);
  });

  it('of several writers is the first one for all', () => {
    const { fingerprint } = platformOn(simulated(machine()));
    expect(keepBaseline(folder, fingerprint, { medianMs: 1, runs: 100 }).medianMs).toBe(1);
    expect(keepBaseline(folder, fingerprint, { medianMs: 2, runs: 100 }).medianMs).toBe(1);
    expect(readBaseline(folder, { ...fingerprint, threads: 7 })).toBeUndefined();
    expect(readdirSync(deviceFolder(folder, fingerprint))).toHaveLength(2);
  });

  it.each(['', '{"version":1}', '[]', '{"version":1,"fingerprint":"x","medianMs":1,"runs":1}'])(
    'that is damaged or of another device is refused: %j',
    async (text) => {
      const m = machine();
      const place = deviceFolder(folder, platformOn(simulated(m)).fingerprint);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'reference.json'), text);
      await expect(timed(m, 2)).rejects.toMatchObject({ code: 'NAS_BAD_REFERENCE' });
    },
  );

  it('that cannot be written says how to help', async () => {
    writeFileSync(folder, 'a file where the folder should be');
    await expect(timed(machine(), 2)).rejects.toMatchObject({
      code: 'NAS_NOT_WRITABLE',
      fix: expect.stringMatching(/NAS_LATENCY/) as string,
    });
  });

  it('is taken again after a measurement that was stopped', async () => {
    const m = machine();
    let asked = 0;
    await using platform = platformOn(simulated(m), { folder, rest: () => Promise.resolve() });
    const stop = () => ++asked > 4;
    expect(await platform.time([network(2)], defaultProtocol, { ...undisturbed, stop })).toBeNull();
    expect(existsSync(folder)).toBe(false);
    m.become(atRest);
    expect((await timed(m, 2)).reference?.factor).toBeCloseTo(1, 1);
  });
});
