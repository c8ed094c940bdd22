import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CALL_SECONDS } from '../../src/latency/devices/limits.js';
import { createDispatcher } from '../../src/pool/dispatcher.js';
import { checkHostSpec, startSeconds } from '../../src/pool/spec.js';
import { fakeSpec } from './helpers.js';

const spec = checkHostSpec(fakeSpec('/nowhere'));

describe('a host that dies again and again', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const dying = () => {
    const starts: number[] = [];
    const began = Date.now();
    const dispatcher = createDispatcher({
      ...{ workers: 1, graceSeconds: 20, idleSeconds: 60, startSeconds: 60 },
      log: () => undefined,
      start(listener) {
        starts.push((Date.now() - began) / 1000);
        setTimeout(() => {
          listener.died('killed');
        }, 1);
        return { pid: 1, send: () => undefined, kill: () => undefined, close: () => Promise.resolve() };
      },
    });
    return { starts, dispatcher };
  };

  it('is started again after growing pauses, and given up at the fifth death', async () => {
    const { starts, dispatcher } = dying();
    const ended = expect(dispatcher.ready).rejects.toMatchObject({ code: 'NAS_HOST_DIES' });
    await vi.advanceTimersByTimeAsync(3_600_000);
    await ended;
    expect(starts.map(Math.floor)).toEqual([0, 0, 1, 3, 7]);
  });

  it('is not started again once all is closed', async () => {
    const { starts, dispatcher } = dying();
    await vi.advanceTimersByTimeAsync(500);
    const ended = expect(dispatcher.ready).rejects.toMatchObject({ code: 'NAS_STOPPED' });
    await dispatcher.close('over');
    await vi.advanceTimersByTimeAsync(3_600_000);
    await ended;
    expect(starts).toHaveLength(2);
  });
});

describe('limits of time around calls that are allowed to be long', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Seconds after which a host that says nothing is ended. */
  function patience(also: number): number {
    const platforms = Array.from({ length: also }, (_, i) => ({ platform: `command:p${i}`, targetMs: 1 }));
    const endedAt: number[] = [];
    const began = Date.now();
    const dispatcher = createDispatcher({
      ...{ workers: 1, graceSeconds: 20, idleSeconds: spec.idleSeconds },
      startSeconds: startSeconds({ latency: { ...spec.latency, also: platforms } }),
      log: () => undefined,
      start: () => ({
        pid: 1,
        send: () => undefined,
        kill: () => void endedAt.push((Date.now() - began) / 1000),
        close: () => Promise.resolve(),
      }),
    });
    vi.advanceTimersByTime(24 * 3_600_000);
    void dispatcher.close('over');
    return endedAt[0] ?? Infinity;
  }

  it('a host may start for as long as the probe, opening and timing on each platform may take', () => {
    expect(patience(0)).toBeGreaterThan(3 * CALL_SECONDS);
    expect(patience(2)).toBeGreaterThan(9 * CALL_SECONDS);
    expect(patience(2)).toBeLessThan(Infinity);
  });

  it('work may show no progress for longer than one call takes', () => {
    expect(spec.idleSeconds).toBeGreaterThan(CALL_SECONDS);
  });
});
