import { describe, expect, it } from 'vitest';
import { createRng } from '../core/index.js';
import {
  compareLatencies,
  defaultProtocol,
  fingerprintDigest,
  undisturbed,
  type Platform,
  type Runnable,
} from '../latency/index.js';
import { buildNetwork, initialWeights } from '../network/index.js';
import { parseArchitecture } from '../space/index.js';
import { skipTests, type Skipping } from './skip.js';

/** Short sessions: what is promised holds however little was timed. */
const protocol = { ...defaultProtocol, warmupRuns: 10, maxRuns: 120, maxSeconds: 5, repeats: 0 };

const SMALL = 'nas1:28x28x1 cn_k3_s2_c8_hs ir_k3_s1_e16_c8_re gap fc_c10_id';
const LARGE =
  'nas1:28x28x1 cn_k3_s1_c64_hs ir_k5_s1_e256_c64_se64_hs ir_k5_s1_e256_c64_se64_hs ir_k5_s1_e256_c64_re gap fc_c10_id';

function runnable(text: string): Runnable {
  const network = buildNetwork(parseArchitecture(text));
  return { network, weights: initialWeights(network, createRng('contract')) };
}

export interface PlatformContract extends Skipping {
  /** Times nothing: records are looked up. */
  readonly lookup?: boolean;
}

/** What every {@link Platform} promises; `open` gives one with batch 1, on its own device. */
export function describePlatform(
  name: string,
  open: () => Promise<Platform>,
  { lookup = false, ...skipping }: PlatformContract = {},
): void {
  const test = (title: string, body: (platform: Platform) => Promise<void>): void =>
    it(title, { timeout: 120_000 }, async () => {
      await using platform = await open();
      await body(platform);
    });

  describe(`platform: ${name}`, () => {
    skipTests(skipping);

    test('gives records in order, each with its spread, its source and its device', async (platform) => {
      const networks = [SMALL, LARGE, SMALL].map(runnable);
      const records = (await platform.time(networks, protocol, undisturbed)) ?? [];
      expect(records).toHaveLength(3);
      for (const record of records) {
        expect(record.source).toBe(lookup ? 'table' : 'measured');
        expect(record.platform).toBe(platform.fingerprint.platform);
        expect(record.fingerprint).toBe(fingerprintDigest(platform.fingerprint));
        expect(record.batch).toBe(platform.fingerprint.batch);
        expect(record.medianMs).toBeGreaterThan(0);
        expect(record.lowMs).toBeLessThanOrEqual(1.05 * record.medianMs);
        expect(record.highMs).toBeGreaterThanOrEqual(0.95 * record.medianMs);
        expect(record.highMs).toBeGreaterThanOrEqual(record.lowMs);
      }
      const [small, large] = records;
      if (small === undefined || large === undefined) throw new Error('not timed');
      expect(compareLatencies(small, large)).toBe('faster');
      expect(compareLatencies(large, small)).toBe('slower');
    });

    test('keeps the raw runs and the reference of the session', async (platform) => {
      const [record] = (await platform.time([runnable(SMALL)], protocol, undisturbed)) ?? [];
      if (record === undefined) throw new Error('not timed');
      if (lookup) return expect(record.samplesMs).toEqual([]);
      expect(record.samplesMs).toHaveLength(record.runs);
      expect(Math.min(...record.samplesMs)).toBeGreaterThan(0);
      expect(record.rawMedianMs).toBeGreaterThanOrEqual(Math.min(...record.samplesMs));
      expect(record.reference?.medianMs).toBeGreaterThan(0);
      expect(record.reference?.factor).toBeGreaterThan(0);
      expect(platform.fingerprint.reference).toMatch(/^reference-\d+$/);
    });

    test('prepares outside the quiet part and times inside it', async (platform) => {
      const seen: string[] = [];
      let prepared = 0;
      await platform.time([runnable(SMALL), runnable(SMALL)], protocol, {
        stop: () => false,
        prepare: async (work) => {
          expect(seen).not.toContain('quiet');
          prepared++;
          return work();
        },
        quiet: async (timing) => {
          seen.push('quiet');
          const result = await timing();
          seen.push('done');
          return result;
        },
      });
      if (lookup) return;
      expect(seen).toEqual(['quiet', 'done']);
      expect(prepared).toBeGreaterThanOrEqual(2);
    });

    test('ends early when it is asked to stop or gets no turn, and works again afterwards', async (platform) => {
      if (lookup) return;
      const networks = [runnable(SMALL)];
      expect(await platform.time(networks, protocol, { ...undisturbed, stop: () => true })).toBeNull();
      const late = { ...undisturbed, quiet: () => Promise.resolve(null) };
      expect(await platform.time(networks, protocol, late)).toBeNull();
      let asked = 0;
      const soon = { ...undisturbed, stop: () => ++asked > 6 };
      expect(await platform.time(networks, protocol, soon)).toBeNull();
      expect(await platform.time(networks, protocol, undisturbed)).toHaveLength(1);
    });

    test('has one fingerprint, whose digest another opening shares', async (platform) => {
      await using again = await open();
      expect(fingerprintDigest(again.fingerprint)).toBe(fingerprintDigest(platform.fingerprint));
      expect(Object.isFrozen(platform.fingerprint)).toBe(true);
      expect(platform.name).not.toBe('');
      expect(await platform.time([], protocol, undisturbed)).toEqual([]);
    });
  });
}
