import { describe, expect, it } from 'vitest';
import { createRunTimer } from '../../src/core/index.js';

/** A clock that moves in steps, ms, and looks a moment later each time that it is read. */
function coarseClock(stepMs: number) {
  let time = 0.37;
  const read = (): number => {
    time += 0.0007;
    return stepMs === 0 ? time : Math.floor(time / stepMs) * stepMs;
  };
  const watch = () => {
    const start = read();
    return () => read() - start;
  };
  return { watch, pass: (durationMs: number) => void (time += durationMs) };
}

describe('createRunTimer', () => {
  it('times single runs by a fine clock, and runs nothing else', () => {
    const clock = coarseClock(0);
    const timer = createRunTimer(clock.watch);
    let runs = 0;
    const times = timer.time(() => (runs++, clock.pass(0.02)), 5);
    expect(runs).toBe(5);
    for (const time of times) expect(time).toBeCloseTo(0.0207, 6);
    expect(timer).toMatchObject({ runsPerSample: 1, clockStepMs: 0 });
  });

  it.each([
    [1, 1.3],
    [1, 0.05],
    [1, 40],
    [15.625, 3],
    [0.01, 0.2],
  ])('of a clock with steps of %f ms times runs of %f ms to a hundredth', (stepMs, runMs) => {
    const clock = coarseClock(stepMs);
    const timer = createRunTimer(clock.watch);
    const times = timer.time(() => clock.pass(runMs), 20);
    for (const time of times) expect(Math.abs(time / runMs - 1)).toBeLessThan(0.0125);
    expect(timer.clockStepMs / runMs).toBeLessThan(0.0125);
    expect(timer.clockStepMs).toBeCloseTo(stepMs / timer.runsPerSample, 9);
    expect(timer.runsPerSample).toBeLessThan(Math.ceil(125 * Math.max(1, stepMs / runMs)));
  });

  it('takes no run that was interrupted for the length of all', () => {
    const clock = coarseClock(1);
    const timer = createRunTimer(clock.watch);
    let runs = 0;
    timer.time(() => clock.pass(++runs === 1 ? 15 : 0.03), 3);
    expect(timer.clockStepMs / 0.03).toBeLessThan(0.0125);
  });

  it('needs no batches where a run takes a hundred steps', () => {
    const clock = coarseClock(1);
    const timer = createRunTimer(clock.watch);
    timer.time(() => clock.pass(150), 3);
    expect(timer).toMatchObject({ runsPerSample: 1, clockStepMs: 1 });
  });

  it('ends for runs that take no time', () => {
    const clock = coarseClock(1);
    const timer = createRunTimer(clock.watch);
    expect(timer.time(() => undefined, 2)).toHaveLength(2);
    expect(timer.runsPerSample).toBeLessThanOrEqual(10_000);
  });
});
