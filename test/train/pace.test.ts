import { describe, expect, it } from 'vitest';
import { pacer } from '../../src/train/pace.js';

/** Asks before every step, as training does, and ends where it says; a step takes what `msOf` says. */
function run(msOf: (step: number) => number, deadline: number) {
  let time = 0;
  const pace = pacer(() => time);
  const answers: { step: number; total: number }[] = [];
  for (let step = 0; step < (answers.at(-1)?.total ?? 5000); step++) {
    const total = pace(step, deadline);
    if (total !== undefined) answers.push({ step, total });
    if (step === total) break;
    time += msOf(step);
  }
  return { answers, time };
}

describe('a training that must end by the clock', () => {
  it('says how many steps there will be, from the first ones on', () => {
    const { answers } = run(() => 10, 2000);
    expect(answers[0]).toEqual({ step: 36, total: 200 });
    expect(answers.length).toBeGreaterThan(15);
    for (const { total } of answers) expect(total).toBe(200);
  });

  it('follows a machine that slows down or becomes free', () => {
    for (const [before, after] of [
      [10, 20],
      [20, 10],
    ] as const) {
      const { answers, time } = run((step) => (step < 1000 ? before : after), 40_000);
      expect(answers[0]?.total).toBe(40_000 / before);
      expect(Math.abs(time - 40_000)).toBeLessThan(400);
    }
  });

  it('lets the share of the steps that is done follow the share of the time, without a leap', () => {
    const msOf = (step: number) => (step % 500 < 250 ? 10 : 30);
    const { answers } = run(msOf, 40_000);
    let time = 0;
    let at = 0;
    for (const { step, total } of answers) {
      for (; at < step; at++) time += msOf(at);
      expect(Math.abs(step / total - time / 40_000)).toBeLessThan(0.01);
    }
  });

  it('does not take the slow first steps for the pace', () => {
    const [answer] = run((step) => (step < 6 ? 400 : 10), 5000).answers;
    expect(answer).toEqual({ step: 36, total: 36 + (5000 - 6 * 400 - 30 * 10) / 10 });
  });

  it('ends immediately when the time is over already', () => {
    expect(run(() => 10, 100).answers).toEqual([{ step: 36, total: 36 }]);
  });
});
