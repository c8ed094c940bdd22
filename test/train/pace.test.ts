import { describe, expect, it } from 'vitest';
import { pacer } from '../../src/train/pace.js';

/** Asks before every step, as training does; a step takes what `msOf` says. */
function run(msOf: (step: number) => number, deadline: number): { step: number; total: number }[] {
  let time = 0;
  const pace = pacer(() => time);
  const answers: { step: number; total: number }[] = [];
  for (let step = 0; step < 200; step++) {
    const total = pace(step, deadline);
    if (total !== undefined) answers.push({ step, total });
    time += msOf(step);
  }
  return answers;
}

describe('a training that must end by the clock', () => {
  it('reports once how many steps there will be', () => {
    expect(run(() => 10, 5000)).toEqual([{ step: 36, total: 500 }]);
  });

  it('does not take the slow first steps for the pace', () => {
    const [answer] = run((step) => (step < 6 ? 400 : 10), 5000);
    expect(answer).toEqual({ step: 36, total: 36 + (5000 - 6 * 400 - 30 * 10) / 10 });
  });

  it('ends immediately when the time is over already', () => {
    expect(run(() => 10, 100)).toEqual([{ step: 36, total: 36 }]);
  });
});
