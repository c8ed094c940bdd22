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
  it('says how many steps there will be, and again whenever half of those left are done', () => {
    expect(run(() => 10, 5000).answers[0]).toEqual({ step: 36, total: 500 });
    const { answers } = run(() => 10, 2000);
    expect(answers.map(({ step }) => step)).toEqual([36, 118, 159, 195]);
    for (const { total } of answers) expect(total).toBe(200);
  });

  it('follows a machine that slows down or becomes free', () => {
    const slower = run((step) => (step < 1000 ? 10 : 20), 20_000);
    expect(slower.answers[0]).toEqual({ step: 36, total: 2000 });
    expect(Math.abs(slower.time - 20_000)).toBeLessThan(400);
    const faster = run((step) => (step < 1000 ? 20 : 10), 40_000);
    expect(Math.abs(faster.time - 40_000)).toBeLessThan(800);
  });

  it('does not take the slow first steps for the pace', () => {
    const [answer] = run((step) => (step < 6 ? 400 : 10), 5000).answers;
    expect(answer).toEqual({ step: 36, total: 36 + (5000 - 6 * 400 - 30 * 10) / 10 });
  });

  it('ends immediately when the time is over already', () => {
    expect(run(() => 10, 100).answers).toEqual([{ step: 36, total: 36 }]);
  });
});
