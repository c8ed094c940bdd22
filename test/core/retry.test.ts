import { describe, expect, it } from 'vitest';
import { createRetry, NasError, type RetryEvent, type RetryOptions } from '../../src/core/index.js';

const never = new AbortController().signal;
const away = new NasError({ code: 'NAS_AGENT_UNREACHABLE', found: 'no agent', fault: 'transient' });
const full = (path: string) => new NasError({ code: 'NAS_DISK_FULL', found: path, fault: 'transient' });

/** A retry on a clock that only its own pauses move. */
function onFakeClock(changes: Partial<RetryOptions> = {}) {
  const events: RetryEvent[] = [];
  const pauses: number[] = [];
  let nowMs = 0;
  const retry = createRetry({
    limitSeconds: 3600,
    onEvent: (event) => events.push(event),
    elapsedMs: () => nowMs,
    async sleep(ms) {
      pauses.push(ms / 1000);
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += ms;
    },
    ...changes,
  });
  const kinds = (): readonly string[] => events.map(({ kind }) => kind);
  return { retry, events, kinds, pauses, advance: (ms: number) => (nowMs += ms) };
}

/** Fails the given number of times, then gives the number of attempts. */
function failing(times: number, error: Error = away): () => Promise<number> {
  let attempts = 0;
  return () => (++attempts > times ? Promise.resolve(attempts) : Promise.reject(error));
}

describe('waiting out a fault', () => {
  it('pauses 1, 2, 4 … 60 s, says that once, and says when work resumes', async () => {
    const { retry, events, pauses } = onFakeClock();
    expect(await retry.run(failing(9), never)).toBe(10);
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(events).toEqual([
      { kind: 'waiting', fault: away, limitSeconds: 3600 },
      { kind: 'recovered', seconds: 243 },
    ]);
  });

  it('a new fault after that has its whole patience, and begins with a second', async () => {
    const { retry, pauses, kinds } = onFakeClock({ limitSeconds: 8 });
    await retry.run(failing(2), never);
    await retry.run(failing(2), never);
    expect(pauses).toEqual([1, 2, 1, 2]);
    expect(kinds()).toEqual(['waiting', 'recovered', 'waiting', 'recovered']);
  });

  it('tries once more when the limit is reached, and ends with the fault then', async () => {
    const { retry, pauses, kinds } = onFakeClock({ limitSeconds: 20 });
    await expect(retry.run(failing(Infinity), never)).rejects.toBe(away);
    expect(pauses).toEqual([1, 2, 4, 8, 5]);
    expect(kinds()).toEqual(['waiting', 'gave up']);
  });

  it('ends with the fault when it is stopped, also before the pause is over', async () => {
    const stop = new AbortController();
    const { retry } = onFakeClock({ sleep: () => new Promise(() => undefined) });
    const waiting = retry.run(failing(Infinity), stop.signal);
    setImmediate(() => stop.abort());
    await expect(waiting).rejects.toBe(away);
  });

  it('ends with the fault when what asked for the work wants no more of it', async () => {
    const { retry, pauses } = onFakeClock();
    await expect(retry.run(failing(Infinity), never, () => pauses.length < 3)).rejects.toBe(away);
    expect(pauses).toEqual([1, 2, 4]);
  });

  it('immediately throws what is no fault of the surroundings, or one that only the user can end', async () => {
    const { retry, events } = onFakeClock();
    const token = new NasError({ code: 'NAS_AGENT_TOKEN', found: 'refused', fault: 'permanent' });
    for (const error of [token, new Error('a bug'), new NasError({ code: 'NAS_X', found: 'x' })])
      await expect(retry.run(failing(1, error), never)).rejects.toBe(error);
    expect(events).toEqual([]);
  });

  it('reads the system’s own codes', async () => {
    const { retry, events } = onFakeClock();
    const enospc = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect(await retry.run(failing(1, enospc), never)).toBe(2);
    expect(events[0]).toMatchObject({ fault: { code: 'NAS_DISK_FULL' } });
  });

  it('what meets it at the same time waits together, and new work waits with it', async () => {
    const { retry, pauses, kinds } = onFakeClock();
    const two = [retry.run(failing(3), never), retry.run(failing(3), never)];
    await new Promise((resolve) => setImmediate(resolve));
    let begun = 0;
    const third = retry.run(() => Promise.resolve(++begun), never);
    expect(begun).toBe(0);
    expect(await Promise.all([...two, third])).toEqual([4, 4, 1]);
    expect(pauses.length).toBeLessThanOrEqual(4);
    expect(kinds()[0]).toBe('waiting');
    expect(kinds().at(-1)).toBe('recovered');
  });

  it('work that began before the fault ends nothing', async () => {
    const { retry, kinds } = onFakeClock();
    let end = (): void => undefined;
    const early = retry.run(() => new Promise<void>((resolve) => (end = resolve)), never);
    const met = retry.run(async () => {
      if (kinds().length === 0) throw away;
      end();
      await early;
      expect(kinds()).toEqual(['waiting']);
    }, never);
    await met;
    expect(kinds()).toEqual(['waiting', 'recovered']);
  });

  it('says nothing of resuming once it has given up', async () => {
    const { retry, kinds } = onFakeClock({ limitSeconds: 3 });
    await expect(retry.run(failing(Infinity), never)).rejects.toBe(away);
    expect(await retry.run(failing(0), never)).toBe(1);
    expect(kinds()).toEqual(['waiting', 'gave up']);
  });

  it('another fault is another line, with no new patience', async () => {
    const { retry, events } = onFakeClock({ limitSeconds: 30 });
    let attempts = 0;
    const work = () => Promise.reject(++attempts % 2 === 1 ? away : full('trial-1'));
    await expect(retry.run(work, never)).rejects.toMatchObject({ fault: 'transient' });
    expect(events.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: attempts - 1 }, () => 'waiting'),
      'gave up',
    ]);
    expect(attempts).toBe(6);
  });

  it('of another file is the same fault', async () => {
    const { retry, kinds } = onFakeClock();
    let attempts = 0;
    await retry.run(
      () => (++attempts > 4 ? Promise.resolve() : Promise.reject(full(`trial-${attempts}`))),
      never,
    );
    expect(kinds()).toEqual(['waiting', 'recovered']);
  });

  it('long work says that it is past the fault; failing the same way later it has no new patience', async () => {
    const { retry, kinds, advance } = onFakeClock({ limitSeconds: 100 });
    const goingOn = ['waiting', 'recovered'];
    let attempts = 0;
    const work = (works: () => void): Promise<void> => {
      if (++attempts > 1) works();
      advance(40_000);
      return Promise.reject(away);
    };
    await expect(retry.run(work, never)).rejects.toBe(away);
    expect(kinds()).toEqual([...goingOn, ...goingOn, ...goingOn, 'gave up']);
  });

  it('asks before each attempt whether one makes sense', async () => {
    let free = 0;
    const { retry, pauses } = onFakeClock({ check: () => (++free > 3 ? undefined : full('/runs')) });
    let attempts = 0;
    await retry.run(() => ++attempts, never);
    expect({ attempts, pauses }).toEqual({ attempts: 1, pauses: [1, 2, 4] });
  });
});
