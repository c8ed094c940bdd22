import { describe, expect, it } from 'vitest';
import {
  dimensionsOf,
  PAPER_KINDS,
  findCandidates,
  narrowerWidths,
  savedMs,
  withWidth,
} from '../../src/netadapt/index.js';
import { largestWidth, NO_CURVE, savingOf, withSaving } from '../../src/netadapt/curves.js';
import { stateFromJson, stateToJson } from '../../src/netadapt/state.js';
import { formatArchitecture, parseArchitecture } from '../../src/space/index.js';
import { fakeMeter, SMALL, trueLatency } from './fakes.js';

const architecture = parseArchitecture(SMALL);
const whole = trueLatency(SMALL);
const settings = { granularity: 8, kinds: PAPER_KINDS, maxProposals: null, rounds: 3 };
const search = (seed: number, noise: number, more: object = {}) => ({
  architecture,
  targetMs: 0.6 * whole,
  curves: new Map(),
  deltaMs: 0.03 * whole,
  presentMs: whole,
  settings,
  meter: fakeMeter(seed, noise),
  signal: new AbortController().signal,
  ...more,
});

describe('findCandidates', () => {
  it('chooses the LARGEST width with latency ≤ L − δ, for every dimension that has one', async () => {
    const deltaMs = 0.03 * whole;
    const { candidates } = await findCandidates(search(1, 0));
    const expected = dimensionsOf(architecture).flatMap((dimension) => {
      const to = narrowerWidths(architecture, dimension, 8).find(
        (width) =>
          trueLatency(formatArchitecture(withWidth(architecture, dimension, width))) <= whole - deltaMs,
      );
      return to === undefined ? [] : [{ blocks: dimension.blocks, kind: dimension.kind, to }];
    });
    expect(expected.length).toBeGreaterThan(4);
    const found = candidates.map(({ dimension: { blocks, kind }, to }) => ({ blocks, kind, to }));
    const order = (a: { kind: string; blocks: readonly number[] }) => `${a.kind}${a.blocks.join()}`;
    const sorted = (list: typeof expected) => [...list].sort((a, b) => order(a).localeCompare(order(b)));
    expect(sorted(found)).toEqual(sorted(expected));
  });

  it('pauses between the networks that it makes', async () => {
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses++;
      return Promise.resolve();
    };
    const { candidates } = await findCandidates(search(1, 0, { pause }));
    expect(pauses).toBeGreaterThanOrEqual(dimensionsOf(architecture).length + candidates.length);
  });

  it('takes only measured, significant drops of at least δ', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { candidates } = await findCandidates(search(seed, 0.004));
      for (const candidate of candidates) {
        // δ on the scale of the session, whose machine may run faster or slower than the seed's did.
        expect(savedMs(candidate)).toBeGreaterThanOrEqual(0.03 * candidate.before.medianMs);
        expect(candidate.after.highMs).toBeLessThan(candidate.before.lowMs);
      }
    }
  });

  it('seeks drops as large as the sessions can distinguish where δ is smaller than that', async () => {
    const deltaMs = 0.002 * whole;
    for (let seed = 1; seed <= 10; seed++) {
      // Intervals are 2·1 % of the latency to each side: they part from some 4 % on.
      const { candidates } = await findCandidates(search(seed, 0.01, { deltaMs }));
      expect(candidates.length).toBeGreaterThan(0);
      for (const candidate of candidates) {
        expect(candidate.after.highMs).toBeLessThan(candidate.before.lowMs);
        expect(savedMs(candidate)).toBeGreaterThan(0.03 * whole);
      }
    }
  });

  it('measures each proposal in one session with the present network', async () => {
    const meter = fakeMeter(1);
    await findCandidates(search(1, 0, { meter }));
    expect(meter.sessions.length).toBeGreaterThan(1);
    expect(meter.sessions.length).toBeLessThanOrEqual(1 + settings.rounds);
    for (const session of meter.sessions) {
      expect(session[0]).toBe(SMALL);
      expect(new Set(session).size).toBe(session.length);
    }
  });

  it('measures nothing twice for what it knows already', async () => {
    const first = await findCandidates(search(1, 0));
    const meter = fakeMeter(1, 0);
    const second = await findCandidates(search(1, 0, { meter, curves: first.curves }));
    expect(second.candidates).toEqual(first.candidates);
    expect(meter.sessions.length).toBe(1);
  });

  it('with a cap, offers those that give up the smallest share of width', async () => {
    const all = (await findCandidates(search(1, 0))).candidates;
    const capped = (await findCandidates(search(1, 0, { settings: { ...settings, maxProposals: 2 } })))
      .candidates;
    const given = all.map((item) => 1 - item.to / item.dimension.width).sort((a, b) => a - b);
    expect(capped.map((item) => 1 - item.to / item.dimension.width)).toEqual(given.slice(0, 2));
  });

  it('says why there is none', async () => {
    expect((await findCandidates(search(1, 0, { deltaMs: whole }))).none).toMatch(/even at its narrowest/);
    expect((await findCandidates(search(1, 0.5))).none).toMatch(
      /^even at its narrowest no layer saves [\d.]+ ms/,
    );
    const least = parseArchitecture('nas1:8x8x3 cn_k3_s1_c8_re ir_k3_s1_e8_c8_re gap fc_c10_id');
    expect((await findCandidates(search(1, 0, { architecture: least }))).none).toMatch(
      /at its least already/,
    );
  });
});

describe('curves', () => {
  it('are linear between measured widths and carry on beyond', () => {
    const curve = withSaving(NO_CURVE, 100, 20, 8);
    expect(savingOf(curve, 100, 60)).toBeCloseTo(4);
    expect(savingOf(curve, 100, 10)).toBeCloseTo(9);
    expect(largestWidth(curve, 100, [96, 88, 80, 72], 2)).toBe(80);
    expect(largestWidth(curve, 100, [96, 88], 2)).toBeUndefined();
  });

  it('are corrected by each measurement, a newer one in place of an older', () => {
    const once = withSaving(withSaving(NO_CURVE, 100, 20, 8), 100, 60, 2);
    expect(savingOf(once, 100, 60)).toBeCloseTo(2);
    expect(savingOf(once, 100, 20)).toBeCloseTo(8);
    expect(savingOf(once, 60, 40)).toBeCloseTo(3);
    expect(savingOf(withSaving(once, 100, 60, 3), 100, 60)).toBeCloseTo(3);
  });

  it('continue from the width of an accepted step', () => {
    const curve = withSaving(withSaving(NO_CURVE, 100, 20, 8), 60, 40, 1);
    expect(savingOf(curve, 60, 40)).toBeCloseTo(1);
    expect(savingOf(curve, 100, 60)).toBeCloseTo(4);
  });
});

describe('the noted state', () => {
  it('comes back as it was', async () => {
    const { candidates, curves } = await findCandidates(search(2, 0.002));
    const step = { step: 1, trial: 3, proposal: 2, dimension: 'expansion:3', from: 72, to: 64 };
    const accepted = [{ ...step, fromMs: 2, toMs: 1.9, accuracyChange: -0.01, tried: 4 }];
    const state = { seedMs: 2, accepted, curves, pending: candidates };
    const back: unknown = JSON.parse(JSON.stringify(stateToJson(state)));
    expect(stateFromJson(back as null)).toEqual(state);
  });

  it('of another make is none', () => {
    expect(stateFromJson(undefined)).toBeUndefined();
    expect(stateFromJson({ version: 2 })).toBeUndefined();
    expect(
      stateFromJson({ version: 1, seedMs: -1, accepted: [], curves: [], pending: null }),
    ).toBeUndefined();
  });
});
