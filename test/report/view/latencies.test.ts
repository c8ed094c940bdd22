import { describe, expect, it } from 'vitest';
import { median, ms, quantile } from '../../../src/core/index.js';
import { latencyViews } from '../../../src/report/view/latencies.js';
import type { LatencyRecord } from '../../../src/trials/index.js';
import { latency } from '../../../src/testing/index.js';

/** Timed on a day on which the reference network took 1.25 times as long as in the device's first session. */
function corrected(over: Partial<LatencyRecord> = {}): LatencyRecord {
  const samplesMs = Array.from({ length: 100 }, (_, index) => ms(2.5 + index / 100));
  return latency(0.8 * median(samplesMs), {
    samplesMs,
    lowMs: 0.8 * 2.9,
    highMs: 0.8 * 3.1,
    p90Ms: 0.8 * quantile(samplesMs, 0.9),
    reference: { medianMs: 1, madMs: 0, factor: 0.8, drift: 0 },
    ...over,
  });
}

describe('the view of a latency', () => {
  it('has its runs on the scale of its median, interval and p90', () => {
    const [view] = latencyViews(corrected(), 3);
    expect(median(view!.samplesMs)).toBeCloseTo(view!.medianMs, 9);
    expect(quantile(view!.samplesMs, 0.9)).toBeCloseTo(view!.p90Ms, 9);
    expect(view!.samplesMs[0]).toBeCloseTo(2, 9);
    expect(view!.notes).toContainEqual(expect.stringContaining('times 0.800'));
  });

  it('has them so on further platforms and for a step of NetAdapt', () => {
    const { also: _also, ...other } = corrected({ seedFactor: 0.5, medianMs: ms(0.4 * 2.995) });
    const [, view] = latencyViews({ ...corrected(), also: [{ ...other, targetMs: 4 }] }, 3);
    expect(median(view!.samplesMs)).toBeCloseTo(view!.medianMs, 9);
    expect(view!.targetMs).toBe(4);
  });

  it('leaves the runs of a latency without a reference unchanged', () => {
    const [view] = latencyViews(latency(2, { samplesMs: [ms(1), ms(2), ms(3)] }), null);
    expect(view!.samplesMs).toEqual([1, 2, 3]);
  });
});
