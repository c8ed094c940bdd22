import { describe, expect, it } from 'vitest';
import { ms, ratio } from '../../src/core/index.js';
import { createReward } from '../../src/search/index.js';

const target = ms(75);
const reward = (options: Parameters<typeof createReward>[0]) => {
  const f = createReward(options);
  return (accuracy: number, latency: number) => f(ratio(accuracy), ms(latency));
};

describe('rewards', () => {
  it('soft: twice the latency is paid for by 5 % relative accuracy (MnasNet §3.1)', () => {
    const soft = reward({ kind: 'soft', targetMs: target });
    expect(soft(0.75, 75)).toBe(0.75);
    expect(soft(0.7 * 1.05, 150) / soft(0.7, 75)).toBeCloseTo(1, 3);
    expect(soft(0.7 * 1.05, 75) / soft(0.7, 37.5)).toBeCloseTo(1, 3);
  });

  it('soft with α = β ranks the same for any target (docs/methods.md)', () => {
    const [a, b] = [reward({ kind: 'soft', targetMs: target }), reward({ kind: 'soft', targetMs: ms(7) })];
    expect(a(0.7, 80) / a(0.75, 160)).toBeCloseTo(b(0.7, 80) / b(0.75, 160), 12);
  });

  it('soft with the exponent of MobileNetV3-Small, −0.15, costs more', () => {
    const small = reward({ kind: 'soft', targetMs: target, alpha: -0.15, beta: -0.15 });
    expect(small(0.7, 150)).toBeCloseTo(0.7 * 2 ** -0.15, 12);
  });

  it('hard: nothing gained below the target, halved at twice the target (MnasNet fig. 3)', () => {
    const hard = reward({ kind: 'hard', targetMs: target });
    expect(hard(0.75, 20)).toBe(0.75);
    expect(hard(0.75, 75)).toBe(0.75);
    expect(hard(0.75, 150)).toBeCloseTo(0.375, 12);
  });

  it('absolute: both sides of the target cost the same (TuNAS §3)', () => {
    const absolute = reward({ kind: 'absolute', targetMs: target });
    expect(absolute(0.75, 75)).toBe(0.75);
    expect(absolute(0.75, 60)).toBeCloseTo(0.75 - 0.07 * 0.2, 12);
    expect(absolute(0.75, 90)).toBeCloseTo(absolute(0.75, 60), 12);
    expect(reward({ kind: 'absolute', targetMs: target, beta: -0.1 })(0.5, 150)).toBeCloseTo(0.4, 12);
  });

  it('refuses exponents that reward slowness, and an alpha that would be ignored', () => {
    const code = expect.objectContaining({ code: 'NAS_BAD_REWARD' }) as Error;
    expect(() => createReward({ kind: 'soft', targetMs: target, beta: 0.07 })).toThrow(code);
    expect(() => createReward({ kind: 'hard', targetMs: target, alpha: 1 })).toThrow(code);
    expect(() => createReward({ kind: 'hard', targetMs: target, beta: NaN })).toThrow(code);
    expect(() => createReward({ kind: 'absolute', targetMs: target, beta: 0 })).toThrow(code);
    expect(() => createReward({ kind: 'absolute', targetMs: target, alpha: -0.1 })).toThrow(code);
  });
});
