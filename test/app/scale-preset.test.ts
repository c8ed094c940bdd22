import { describe, expect, it } from 'vitest';
import { scalePreset } from '../../src/app/retrain/scale-preset.js';
import { formatArchitecture, presetArchitecture, type Task } from '../../src/space/index.js';
import type { LatencyMeter } from '../../src/trials/index.js';
import { fakeMeter, record, trueLatency } from '../netadapt/fakes.js';

const task: Task = { input: [28, 28, 1], classes: 10 };
const { signal } = new AbortController();
const at = (multiplier: number): number =>
  trueLatency(formatArchitecture(presetArchitecture(`mobilenet_v3_small@${multiplier}`, task)));
const scaled = (targetMs: number, meter: LatencyMeter = fakeMeter(1, 0)) =>
  scalePreset(meter, { task, targetMs, signal });

describe('scalePreset', () => {
  it.each([0.15, 0.5, 1, 2.3])('finds the widest that meets the latency of multiplier %d', async (wanted) => {
    const targetMs = at(wanted) * 1.0001;
    const found = await scaled(targetMs);
    expect(found.meets).toBe(true);
    expect(found.latency.medianMs).toBe(trueLatency(found.text));
    expect(found.latency.medianMs).toBeLessThanOrEqual(targetMs);
    expect(at(Number((found.multiplier * 1.08).toFixed(2)))).toBeGreaterThan(targetMs);
    expect(found.text).toBe(
      formatArchitecture(presetArchitecture(`${found.preset}@${found.multiplier}`, task)),
    );
  });

  it('gives the widest of all under a target that each meets', async () => {
    expect(await scaled(1e6)).toMatchObject({ multiplier: 4, meets: true });
  });

  it('gives the fastest with its latency when none meets the target, after one session', async () => {
    const meter = fakeMeter(1, 0);
    const found = await scaled(0.001, meter);
    expect(found).toMatchObject({ multiplier: 0.1, meets: false });
    expect(found.latency.medianMs).toBe(at(0.1));
    expect(meter.sessions).toHaveLength(1);
  });

  it('measures few networks, none twice', async () => {
    const meter = fakeMeter(1, 0);
    await scaled(at(0.7), meter);
    const texts = meter.sessions.flat();
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts.length).toBeLessThan(10);
  });

  it('measures again what missed the target by a disturbance', async () => {
    const meter = fakeMeter(1, 0);
    let session = 0;
    // For a while wide networks are disturbed.
    const noisy: LatencyMeter = {
      measure: async (texts, given) => {
        session++;
        const busy = session > 1 && session < 4;
        const records = await meter.measure(texts, given);
        return records.map((one) => (busy && one.medianMs > at(1.5) ? record(1.7 * one.medianMs, 0) : one));
      },
    };
    const found = await scaled(at(2.3) * 1.0001, noisy);
    expect(found.latency.medianMs).toBeGreaterThan(0.9 * at(2.3));
  });

  it('must meet the target of each platform', async () => {
    const meter = fakeMeter(1, 0);
    const slow = {
      measure: async (texts: readonly string[], given: AbortSignal) =>
        (await meter.measure(texts, given)).map((one) => ({
          ...one,
          also: [{ ...record(10 * one.medianMs, 0), targetMs: 10 * at(0.3) }],
        })),
    };
    const found = await scaled(at(2), slow);
    expect(found.latency.medianMs).toBeLessThanOrEqual(at(0.3));
    expect(found.latency.medianMs).toBeGreaterThan(at(0.2));
  });

  it('stops on request', async () => {
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(scalePreset(fakeMeter(1, 0), { task, targetMs: 1, signal: stopped })).rejects.toThrow(
      'stopped',
    );
  });
});
