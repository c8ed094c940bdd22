import { describe, expect, it } from 'vitest';
import { chooseSetting, type Setting } from '../../src/app/export/int8/choose.js';
import { rangeWithin } from '../../src/app/export/int8/ranges.js';

const kernels = ['0.conv', '1.depthwise', '1.se', '1.project', '2.dense'];
const parts = { kernels, all: [...kernels, '1.add'] };

/** Answers of a made-up network of 1,000 pictures: what each part in whole numbers loses, and what wide ranges lose. */
function chosen(lost: Readonly<Record<string, number>>, byCoverage: Readonly<Record<number, number>> = {}) {
  const measured: Setting[] = [];
  const measure = (setting: Setting) => {
    measured.push(setting);
    const whole = parts.all.filter((part) => !setting.float.includes(part));
    const loss = whole.reduce((sum, part) => sum + (lost[part] ?? 0), byCoverage[setting.coverage] ?? 0);
    return Promise.resolve({ correct: 900 - loss, error: loss / 1000 });
  };
  return chooseSetting({ parts, float: 900, count: 1000, measure }).then((choice) => ({ choice, measured }));
}

describe('the setting of a network in whole numbers', () => {
  it('is everything in whole numbers, with the ranges that leave most right, where half a per cent is lost at most', async () => {
    const { choice, measured } = await chosen({ '1.se': 2 }, { 1: 30, 0.9999: 3, 0.999: 10 });
    expect(choice.setting).toEqual({ coverage: 0.9999, float: [] });
    expect(choice.sensitivity).toEqual([]);
    expect(measured).toHaveLength(3);
  });

  it('leaves as few of the most sensitive parts in float as recover the accuracy', async () => {
    const lost = { '0.conv': 10, '1.depthwise': 1, '1.se': 80, '2.dense': 2 };
    const { choice } = await chosen(lost);
    expect(choice.sensitivity.map(({ part }) => part).slice(0, 2)).toEqual(['1.se', '0.conv']);
    expect(choice.setting.float).toEqual(['1.se', '0.conv']);
    expect(choice.tried.map(({ correct }) => correct)).toEqual([807, 807, 807, 887, 897]);
  });

  it('measures a part alone with everything else in float, sums included', async () => {
    const { measured } = await chosen({ '1.se': 50 });
    const alone = measured.find(({ float }) => float.length === parts.all.length - 1);
    expect(alone?.float).toEqual(parts.all.filter((part) => part !== '0.conv'));
  });

  it('is the best that was measured where nothing recovers it', async () => {
    const { choice } = await chosen({ '1.add': 100, '1.project': 40 });
    expect(choice.setting.float).toEqual(['1.project']);
    expect(choice.tried.at(-1)?.correct).toBe(800);
  });
});

it('a range that covers most numbers leaves out half of the others at each end, and never 0', () => {
  const bins = Float64Array.from([1, 0, 4, 90, 4, 1]);
  expect(rangeWithin({ low: -3, high: 3 }, bins, 0.98)).toEqual({ low: -1, high: 2 });
  expect(rangeWithin({ low: -3, high: 3 }, bins, 0.999)).toEqual({ low: -3, high: 3 });
  expect(rangeWithin({ low: 0, high: 6 }, Float64Array.from([0, 0, 0, 9, 0, 0]), 0.9)).toEqual({
    low: 0,
    high: 4,
  });
});
