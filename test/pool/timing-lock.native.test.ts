import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createTimingLock,
  timingLockPlace,
  resetPlace,
  type LockAtomics,
} from '../../src/pool/worker/timing-lock.js';

const lockFile = new URL('../../dist/pool/worker/timing-lock.js', import.meta.url);
const never = () => false;

interface Part {
  readonly rounds: number;
  readonly measureEvery: number;
  readonly die?: 'inside a step' | 'measuring';
}

function thread(memory: SharedArrayBuffer, place: number, counters: SharedArrayBuffer, part: Part): Worker {
  if (!existsSync(lockFile)) throw new Error('build first: npm run build');
  return new Worker(new URL('./fixtures/timing-lock-worker.mjs', import.meta.url), {
    workerData: { lockFile: lockFile.href, memory, place, counters, die: null, ...part },
  });
}

async function play(
  parts: readonly Part[],
): Promise<{ violations: number; steps: number; measurements: number }> {
  const memory = createTimingLock(parts.length);
  const counters = new SharedArrayBuffer(20);
  const threads = parts.map((part, place) => thread(memory, place, counters, part));
  await Promise.all(threads.map((one) => once(one, 'exit')));
  const [, , violations = -1, steps = -1, measurements = -1] = new Int32Array(counters);
  return { violations, steps, measurements };
}

describe('the timing lock between threads', { timeout: 30_000 }, () => {
  it('never has a step inside a measurement nor two measurements, and lets everybody through', async () => {
    const played = await play([
      { rounds: 200_000, measureEvery: 0 },
      { rounds: 30_000, measureEvery: 2 },
    ]);
    expect(played).toEqual({ violations: 0, steps: 215_000, measurements: 15_000 });
  });

  it('holds for any mixture', async () => {
    const part = fc.record({
      rounds: fc.integer({ min: 1, max: 400 }),
      measureEvery: fc.integer({ min: 0, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 2, maxLength: 4 }), async (parts) => {
        expect((await play(parts)).violations).toBe(0);
      }),
      { numRuns: 5 },
    );
  });

  it.each(['inside a step', 'measuring'] as const)(
    'is free again when a thread lost %s is reset',
    async (die) => {
      const memory = createTimingLock(2);
      const counters = new SharedArrayBuffer(20);
      const lost = thread(memory, 0, counters, { rounds: 1, measureEvery: 0, die });
      await once(lost, 'message');
      await lost.terminate();
      const mine = timingLockPlace(memory, 1);
      let asked = 0;
      expect(
        await mine.exclusive(
          () => Promise.resolve('quiet'),
          () => ++asked > 1,
        ),
      ).toBeNull();
      let cleared = 0;
      resetPlace(memory, 0, () => cleared++);
      resetPlace(memory, 0, () => cleared++);
      expect(cleared).toBe(die === 'measuring' ? 1 : 0);
      expect(await mine.exclusive(() => Promise.resolve('quiet'), never)).toBe('quiet');
      mine.enter();
      mine.leave();
    },
  );
});

describe('one place of the timing lock', { timeout: 30_000 }, () => {
  it('may hold a step in a step, and frees the lock after the outer one only', async () => {
    const memory = createTimingLock(2);
    const [a, b] = [timingLockPlace(memory, 0), timingLockPlace(memory, 1)];
    a.enter();
    a.enter();
    a.leave();
    let asked = 0;
    expect(
      await b.exclusive(
        () => Promise.resolve(1),
        () => ++asked > 1,
      ),
    ).toBeNull();
    a.leave();
    expect(await b.exclusive(() => Promise.resolve(1), never)).toBe(1);
  });

  it('refuses a measurement inside a step, which would wait for itself', async () => {
    const place = timingLockPlace(createTimingLock(1), 0);
    place.enter();
    await expect(place.exclusive(() => Promise.resolve(1), never)).rejects.toThrow(/wait for itself/);
  });

  it('frees the lock when the measurement throws', async () => {
    const place = timingLockPlace(createTimingLock(1), 0);
    await expect(place.exclusive(() => Promise.reject(new Error('broken')), never)).rejects.toThrow('broken');
    expect(await place.exclusive(() => Promise.resolve(2), never)).toBe(2);
  });

  it('knows its places', () => {
    const memory = createTimingLock(2);
    for (const place of [-1, 2, 0.5]) expect(() => timingLockPlace(memory, place)).toThrow(RangeError);
  });
});

/** Atomics that call `between` before each operation with its number, and `waits` where a thread would sleep. */
function stepped(between: (operation: number) => void, waits: () => void): LockAtomics {
  let operation = 0;
  const after = <T>(work: () => T): T => {
    between(operation++);
    return work();
  };
  return {
    load: (words, index) => after(() => Atomics.load(words, index)),
    store: (words, index, value) => after(() => Atomics.store(words, index, value)),
    compareExchange: (words, index, expected, value) =>
      after(() => Atomics.compareExchange(words, index, expected, value)),
    notify: (words, index) => after(() => Atomics.notify(words, index)),
    wait: waits,
  };
}

describe('every order of events between a step and a measurement', { timeout: 30_000 }, () => {
  const OPERATIONS = 8;
  const forever = () => new Promise<never>(() => undefined);

  it('a measurement that comes between any two operations of a beginning step', () => {
    for (let at = 0; at < OPERATIONS; at++) {
      const memory = createTimingLock(2);
      let measuring = false;
      const other = timingLockPlace(memory, 1);
      const measure = () => {
        void other.exclusive(
          () => {
            measuring = true;
            return forever();
          },
          () => true,
        );
      };
      const finish = () => {
        measuring = false;
        resetPlace(memory, 1);
      };
      const step = timingLockPlace(
        memory,
        0,
        stepped((now) => now === at && measure(), finish),
      );
      step.enter();
      expect(measuring, `measurement before operation ${at}`).toBe(false);
      step.leave();
    }
  });

  it('a step that comes between any two operations of a beginning measurement', async () => {
    for (let at = 0; at < OPERATIONS; at++) {
      const memory = createTimingLock(2);
      let inside = false;
      const other = timingLockPlace(
        memory,
        0,
        stepped(
          () => undefined,
          () => {
            throw new Error('stands back');
          },
        ),
      );
      const begin = () => {
        try {
          other.enter();
          inside = true;
        } catch {
          inside = false;
        }
      };
      const end = () => {
        inside = false;
        resetPlace(memory, 0);
      };
      const place = timingLockPlace(
        memory,
        1,
        stepped((now) => now === at && begin(), end),
      );
      let seen: boolean | undefined;
      await place.exclusive(
        () => {
          seen = inside;
          return Promise.resolve();
        },
        () => false,
      );
      expect(seen, `step before operation ${at}`).toBe(false);
    }
  });
});
