import { describe, expect, it } from 'vitest';
import { predictionErrorOf } from '../../../src/latency/index.js';

const pairs = (predicted: number[], measured: number[]) =>
  predicted.map((predictedMs, i) => ({ predictedMs, measuredMs: measured[i] ?? 0 }));

describe('agreementOf', () => {
  it('is perfect for equal latencies and reversed for reversed ones', () => {
    expect(predictionErrorOf(pairs([1, 2, 3, 4], [1, 2, 3, 4]))).toEqual({
      networks: 4,
      tau: 1,
      error: 0,
      bias: 0,
      worst: 0,
    });
    expect(predictionErrorOf(pairs([4, 3, 2, 1], [1, 2, 3, 4])).tau).toBe(-1);
  });

  it('counts pairs as Kendall does', () => {
    // (1,2), (1,3), (2,3) of three: one discordant.
    expect(predictionErrorOf(pairs([1, 3, 2], [1, 2, 3])).tau).toBeCloseTo(1 / 3);
    // By hand: 4 concordant, 1 discordant, 1 tied in the prediction: 3 / sqrt(5 · 6).
    expect(predictionErrorOf(pairs([1, 1, 3, 2], [1, 2, 3, 4])).tau).toBeCloseTo(3 / Math.sqrt(30));
  });

  it('distinguishes bias from error', () => {
    const found = predictionErrorOf(pairs([0.7, 1.4, 2.6], [1, 2, 2]));
    expect(found.bias).toBeCloseTo((-0.3 - 0.3 + 0.3) / 3);
    expect(found.error).toBeCloseTo(0.3);
    expect(found.worst).toBeCloseTo(0.3);
  });
});
