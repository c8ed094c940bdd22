import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTimingLock, timingLockPlace } from '../../src/pool/worker/timing-lock.js';
import { watchProgress } from '../../src/pool/no-progress.js';

describe('a watch for progress', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function watched(idleSeconds: number) {
    let signs = 0;
    const heard: string[] = [];
    const end = watchProgress({
      read: () => signs,
      idleSeconds,
      alive: () => heard.push('alive'),
      idle: () => heard.push('idle'),
    });
    return { heard, end, sign: () => signs++ };
  }

  it('ends what gives no sign for as long as was said, once', () => {
    const { heard } = watched(900);
    vi.advanceTimersByTime(899_000);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(3_600_000);
    expect(heard).toEqual(['idle']);
  });

  it('lets what gets on take days, and reports that it does so every few seconds', () => {
    const { heard, sign, end } = watched(900);
    for (let minute = 0; minute < 2 * 24 * 60; minute += 10) {
      sign();
      vi.advanceTimersByTime(600_000);
    }
    expect(new Set(heard)).toEqual(new Set(['alive']));
    expect(heard).toHaveLength(288);
    end();
  });

  it('counts from the last sign', () => {
    const { heard, sign } = watched(100);
    vi.advanceTimersByTime(90_000);
    sign();
    vi.advanceTimersByTime(95_000);
    expect(heard).toEqual(['alive']);
    vi.advanceTimersByTime(15_000);
    expect(heard).toEqual(['alive', 'idle']);
  });

  it('looks no more when it was ended', () => {
    const { heard, end } = watched(10);
    end();
    vi.advanceTimersByTime(60_000);
    expect(heard).toEqual([]);
  });
});

describe('a step that waits for a measurement', () => {
  it('gives signs of life meanwhile', () => {
    const memory = createTimingLock(2);
    const words = new Int32Array(memory);
    let signs = 0;
    const place = timingLockPlace(memory, 0, Atomics, () => {
      // The measurement of the other place ends after a while.
      if (++signs === 3) Atomics.store(words, 0, 0);
    });
    Atomics.store(words, 0, 2);
    place.enter();
    expect(signs).toBe(3);
    place.leave();
  });
});
