import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { learningRate, mobilenetV3Decay, stepsPerEpoch, totalSteps } from '../../src/train/index.js';
import type { TrainingPlan } from '../../src/trials/index.js';

const plan = (change: Partial<TrainingPlan> = {}): TrainingPlan => ({
  epochs: 10,
  maxSteps: null,
  learningRate: 0.4,
  schedule: 'cosine',
  warmupEpochs: 1,
  ...change,
});

describe('steps', () => {
  it('drops the last partial batch', () => {
    expect(stepsPerEpoch(54_000, 128)).toBe(421);
    expect(stepsPerEpoch(128, 128)).toBe(1);
  });

  it('refuses a batch larger than the training part', () => {
    expect(() => stepsPerEpoch(127, 128)).toThrow(/a batch of 128 from 127 training pictures/);
  });

  it('counts fractions of an epoch, and ends at maxSteps', () => {
    expect(totalSteps(plan({ epochs: 0.5 }), 421)).toBe(211);
    expect(totalSteps(plan({ maxSteps: 100 }), 421)).toBe(100);
    expect(totalSteps(plan({ maxSteps: 1e6 }), 421)).toBe(4210);
    expect(totalSteps(plan({ epochs: 0.0001 }), 421)).toBe(1);
  });
});

describe('MnasNet §4.1: 0 to 0.256 in 5 epochs, then ×0.97 every 2.4 epochs', () => {
  const perEpoch = 312; // 1,281,167 pictures in batches of 4096
  const mnasnet = plan({ epochs: 350, learningRate: 0.256, schedule: 'exponential', warmupEpochs: 5 });
  const at = (epoch: number): number => learningRate(mnasnet, {}, Math.ceil(epoch * perEpoch), perEpoch);

  it('rises in a straight line', () => {
    expect(learningRate(mnasnet, {}, 0, perEpoch)).toBeCloseTo(0.256 / (5 * perEpoch), 12);
    expect(learningRate(mnasnet, {}, (5 * perEpoch) / 2 - 1, perEpoch)).toBeCloseTo(0.128, 12);
    expect(learningRate(mnasnet, {}, 5 * perEpoch - 1, perEpoch)).toBe(0.256);
  });

  it('falls in stairs counted from the start, as the released code does', () => {
    expect(at(5)).toBeCloseTo(0.256 * 0.97 ** 2, 12);
    expect(at(7.19)).toBeCloseTo(0.256 * 0.97 ** 2, 12);
    expect(at(7.2)).toBeCloseTo(0.256 * 0.97 ** 3, 12);
    expect(at(240)).toBeCloseTo(0.256 * 0.97 ** 100, 12);
  });

  it('takes another decay from the recipe: MobileNetV3 lowers by 0.01 every 3 epochs', () => {
    const v3 = plan({ epochs: 300, learningRate: 0.1, schedule: 'exponential', warmupEpochs: 0 });
    const rate = (epoch: number): number => learningRate(v3, { decay: mobilenetV3Decay }, epoch * 10, 10);
    expect(rate(0)).toBe(0.1);
    expect(rate(3)).toBeCloseTo(0.099, 12);
    expect(rate(299)).toBeCloseTo(0.1 * 0.99 ** 99, 12);
  });
});

describe('cosine', () => {
  it('has the peak behind the warm-up, half of it half-way and nearly none at the end', () => {
    expect(learningRate(plan(), {}, 9, 10)).toBeCloseTo(0.4, 12);
    expect(learningRate(plan(), {}, 10, 10)).toBeCloseTo(0.4, 12);
    expect(learningRate(plan(), {}, 55, 10)).toBeCloseTo(0.2, 12);
    expect(learningRate(plan(), {}, 99, 10)).toBeCloseTo(0.2 * (1 - Math.cos(Math.PI / 90)), 12);
  });

  it('is squeezed into maxSteps', () => {
    const short = plan({ maxSteps: 20, warmupEpochs: 0 });
    expect(learningRate(short, {}, 10, 10)).toBeCloseTo(0.2, 12);
  });
});

describe('warm-up', () => {
  it('is at most its share of the steps that there are', () => {
    const short = plan({ maxSteps: 100, warmupEpochs: 10, warmupShare: 0.1 });
    expect(learningRate(short, {}, 9, 10)).toBe(0.4);
    expect(learningRate(short, {}, 8, 10)).toBeCloseTo(0.36, 12);
    expect(learningRate({ ...short, maxSteps: 5 }, {}, 0, 10)).toBe(0.4);
  });

  it('of plans made before there was a share is as long as its epochs', () => {
    expect(learningRate(plan({ maxSteps: 100, warmupEpochs: 5 }), {}, 24, 10)).toBeCloseTo(0.2, 12);
  });
});

describe('any schedule', () => {
  it('stays above 0 and at most at the peak, for every step of every plan', () => {
    fc.assert(
      fc.property(
        fc.record({
          epochs: fc.double({ min: 0.05, max: 20, noNaN: true }),
          maxSteps: fc.option(fc.integer({ min: 1, max: 300 })),
          learningRate: fc.double({ min: 1e-4, max: 2, noNaN: true }),
          schedule: fc.constantFrom('cosine' as const, 'exponential' as const, 'constant' as const),
          warmupEpochs: fc.double({ min: 0, max: 30, noNaN: true }),
        }),
        fc.integer({ min: 1, max: 30 }),
        (any, perEpoch) => {
          for (let step = 0; step < totalSteps(any, perEpoch); step++) {
            const rate = learningRate(any, {}, step, perEpoch);
            expect(rate).toBeGreaterThan(0);
            expect(rate).toBeLessThanOrEqual(any.learningRate * (1 + 1e-12));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
