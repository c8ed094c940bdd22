import { describe, expect, it } from 'vitest';
import { scalingText } from '../../../src/report/index.js';

const gain = { scaled: 'mobilenet_v3_small@0.35', accuracy: 0.9012, scaledAccuracy: 0.8887, isScaled: false };

describe('the gain over scaling', () => {
  it('is in points, with what was compared', () => {
    expect(scalingText(gain)).toBe(
      '+1.25 points at the same target after equal training (finalist 90.12 %, mobilenet_v3_small@0.35 88.87 %, held-out pictures)',
    );
  });

  it('is said also where it is negative or none', () => {
    expect(scalingText({ ...gain, accuracy: 0.88 })).toMatch(/^−0.87 points/);
    expect(scalingText({ ...gain, isScaled: true })).toBe(
      'nothing gained, no network of the search was better than mobilenet_v3_small@0.35',
    );
  });
});
