import { describe, expect, it } from 'vitest';
import { meritOf, selectStep } from '../../src/netadapt/index.js';

describe('selectStep', () => {
  // Worked by hand: −0.010/0.50 = −0.02, −0.004/0.10 = −0.04, −0.003/0.20 = −0.015.
  const a = { trial: 1, accuracyChange: -0.01, savedMs: 0.5 };
  const b = { trial: 2, accuracyChange: -0.004, savedMs: 0.1 };
  const c = { trial: 3, accuracyChange: -0.003, savedMs: 0.2 };

  it('takes the least steep loss, neither the least loss nor the most saved', () => {
    expect([a, b, c].map(meritOf).map((merit) => merit.toFixed(4))).toEqual([
      '-0.0200',
      '-0.0400',
      '-0.0150',
    ]);
    expect(selectStep([a, b, c])).toBe(c);
    const leastLoss = { trial: 4, accuracyChange: -0.002, savedMs: 0.05 };
    expect(selectStep([a, b, leastLoss])).toBe(a);
  });

  it('prefers any gain to any loss, and the steeper gain', () => {
    const gain = { trial: 5, accuracyChange: 0.001, savedMs: 1 };
    const steeper = { trial: 6, accuracyChange: 0.001, savedMs: 0.5 };
    expect(selectStep([a, c, gain])).toBe(gain);
    expect(selectStep([gain, steeper])).toBe(steeper);
  });

  it('takes the earliest of equals, and nothing of nothing', () => {
    expect(selectStep([{ ...c, trial: 9 }, c])).toBe(c);
    expect(selectStep([])).toBeUndefined();
  });
});
