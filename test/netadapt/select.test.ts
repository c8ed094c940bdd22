import { describe, expect, it } from 'vitest';
import { meritOf, selectStep } from '../../src/netadapt/index.js';

describe('selectStep', () => {
  // Worked by hand: −0.010/0.50 = −0.02, −0.004/0.10 = −0.04, −0.003/0.20 = −0.015.
  const a = { trial: 1, accuracyChange: -0.01, savedMs: 0.5 };
  const b = { trial: 2, accuracyChange: -0.004, savedMs: 0.1 };
  const c = { trial: 3, accuracyChange: -0.003, savedMs: 0.2 };

  it('takes the least steep loss, neither the least loss nor the most saved', () => {
    expect([a, b, c].map((tried) => meritOf(tried).toFixed(4))).toEqual(['-0.0200', '-0.0400', '-0.0150']);
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

  it('takes the gentlest rise of the loss by loss, and accuracy where a loss is not known', () => {
    // 0.020/0.50 = 0.04, 0.003/0.10 = 0.03, 0.010/0.20 = 0.05: by loss the second, by accuracy the third.
    const [x, y, z] = [
      { ...a, lossChange: 0.02 },
      { ...b, lossChange: 0.003 },
      { ...c, lossChange: 0.01 },
    ];
    expect([x, y, z].map((tried) => meritOf(tried, 'loss').toFixed(3))).toEqual([
      '-0.040',
      '-0.030',
      '-0.050',
    ]);
    expect(selectStep([x, y, z], 'loss')).toBe(y);
    expect(selectStep([x, y, z], 'accuracy')).toBe(z);
    const unknown = { ...y, lossChange: null };
    expect(selectStep([x, unknown, z], 'loss')).toBe(z);
  });

  it('takes the least loss of accuracy as NetAdapt does, whatever it saves', () => {
    const leastLoss = { trial: 4, accuracyChange: -0.002, savedMs: 0.05 };
    expect(selectStep([a, b, c, leastLoss], 'min-accuracy-loss')).toBe(leastLoss);
  });

  it('takes the earliest of equals, and nothing of nothing', () => {
    expect(selectStep([{ ...c, trial: 9 }, c])).toBe(c);
    expect(selectStep([])).toBeUndefined();
  });
});
