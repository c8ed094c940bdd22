import { describe, expect, it } from 'vitest';
import { retryingPool } from '../../src/app/study/retrying-pool.js';
import { createRetry, ms, NasError, type RetryEvent } from '../../src/core/index.js';
import type { Pool } from '../../src/pool/index.js';
import { createReward, createStrategy, runSearch, type SearchOptions } from '../../src/search/index.js';
import { createMemoryStore, type Job, type TrialStore } from '../../src/trials/index.js';
import { refine } from '../../src/netadapt/index.js';
import { STUDY } from '../../src/testing/index.js';
import { fakeEvaluator } from '../search/fake-evaluator.js';
import { fakeSpace } from '../search/fake-space.js';
import { fakeEvaluator as fakeTuner, fakeMeter, setUp } from '../netadapt/fakes.js';

const space = fakeSpace();
const away = () =>
  new NasError({ code: 'NAS_AGENT_UNREACHABLE', found: 'no agent at http://board', fault: 'transient' });
const lost = () => new NasError({ code: 'NAS_CHROMIUM_ENDED', found: 'Chromium ended', fault: 'unclear' });
const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

function fakeRetry(limitSeconds = 3600) {
  const events: RetryEvent[] = [];
  const pauses: number[] = [];
  let nowMs = 0;
  const retry = createRetry({
    limitSeconds,
    onEvent: (event) => events.push(event),
    elapsedMs: () => nowMs,
    async sleep(pauseMs) {
      pauses.push(pauseMs / 1000);
      await new Promise((resolve) => setImmediate(resolve));
      nowMs += pauseMs;
    },
  });
  return { retry, events, pauses };
}

/** A pool of the evaluator whose jobs meet `fault` as long as it gives one. */
function faulty(fault: (job: Job, attempt: number) => Error | undefined, slots = 2) {
  const attempts = new Map<number, number>();
  const evaluator = fakeEvaluator({ slots });
  const pool = {
    slots,
    fingerprint: {},
    evaluate: async (job: Job, ...rest: [AbortSignal, Parameters<Pool['evaluate']>[2]]) => {
      const attempt = (attempts.get(job.trial) ?? 0) + 1;
      attempts.set(job.trial, attempt);
      const error = fault(job, attempt);
      if (error !== undefined) throw error;
      return evaluator.evaluate(job, ...rest);
    },
  } as unknown as Pool;
  return { pool, attempts };
}

function search(store: TrialStore, pool: Pool, over: Partial<SearchOptions> = {}) {
  return runSearch({
    space,
    strategy: createStrategy('random', { space, seed: '3', saved: store.strategyState() }),
    reward: createReward({ kind: 'absolute', targetMs: ms(2) }),
    store,
    evaluator: pool,
    targetMs: ms(2),
    budget: { trials: 12, seconds: null },
    plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    ...over,
  });
}

const newStore = (): TrialStore => createMemoryStore({ ...STUDY, seed: '3' });

describe.each([
  ['an agent that is away', away],
  ['a full disk', full],
])('a search and %s', (_, fault) => {
  it.each(['async', 'batch'] as const)(
    'waits, resumes by itself and has the same table (%s)',
    async (mode) => {
      const [store, straight] = [newStore(), newStore()];
      const { retry, events } = fakeRetry();
      const { pool } = faulty((job, attempt) => (job.trial > 4 && attempt < 4 ? fault() : undefined));
      const { ended, status } = await search(store, retryingPool(pool, retry), { mode });
      expect({ ended, ...status }).toMatchObject({ ended: 'trials', done: 12, failed: 0 });
      await search(straight, fakeEvaluator({ slots: 2 }) as unknown as Pool, { mode });
      const table = (of: TrialStore) =>
        of.rows().map((row) => [row.trial, row.text, row.accuracy, row.reward]);
      expect(table(store)).toEqual(table(straight));
      expect(events[0]).toMatchObject({ kind: 'waiting' });
      expect(events.at(-1)).toMatchObject({ kind: 'recovered' });
    },
  );

  it('ends with its code after the limit; no trial is to blame, and all can be resumed', async () => {
    const store = newStore();
    const { retry, events, pauses } = fakeRetry(60);
    const { pool } = faulty((job) => (job.trial > 4 ? fault() : undefined));
    const code = fault === away ? 'NAS_AGENT_UNREACHABLE' : 'NAS_DISK_FULL';
    await expect(search(store, retryingPool(pool, retry))).rejects.toMatchObject({ code });
    expect(pauses).toEqual([1, 2, 4, 8, 16, 29]);
    expect(events.map(({ kind }) => kind)).toEqual(['waiting', 'gave up']);
    expect(store.rows({ states: ['done'] })).toHaveLength(4);
    expect(store.rows({ states: ['failed', 'stopped', 'infeasible'] })).toEqual([]);
    const { status } = await search(store, fakeEvaluator({ slots: 2 }) as unknown as Pool);
    expect(status).toMatchObject({ done: 12, failed: 0 });
  });

  it('ends with its code on Ctrl-C while it waits', async () => {
    const store = newStore();
    const stop = new AbortController();
    const retry = createRetry({
      limitSeconds: 3600,
      onEvent: () => setImmediate(() => stop.abort()),
    });
    const { pool } = faulty((job) => (job.trial > 2 ? fault() : undefined));
    const code = fault === away ? 'NAS_AGENT_UNREACHABLE' : 'NAS_DISK_FULL';
    const waiting = search(store, retryingPool(pool, retry), { signal: stop.signal });
    await expect(waiting).rejects.toMatchObject({ code });
    expect(store.rows({ states: ['running'] }).length).toBeGreaterThan(0);
    expect(store.rows({ states: ['failed', 'stopped'] })).toEqual([]);
  });
});

describe('a browser that ends', () => {
  it('twice at one network fails that one; once costs nothing', async () => {
    const store = newStore();
    const { retry, events } = fakeRetry();
    const { pool, attempts } = faulty(({ trial }, attempt) =>
      trial === 3 || (trial === 5 && attempt === 1) ? lost() : undefined,
    );
    const { status } = await search(store, retryingPool(pool, retry));
    expect(status).toMatchObject({ done: 11, failed: 1 });
    expect(store.rows({ states: ['failed'] })).toMatchObject([{ trial: 3, reason: 'Chromium ended' }]);
    expect([attempts.get(3), attempts.get(5)]).toEqual([2, 2]);
    expect(events).toEqual([]);
  });
});

describe('a study that cannot be written for a while', () => {
  it.each(['finish', 'begin', 'note'] as const)('has the same table afterwards (%s)', async (method) => {
    const [store, straight] = [newStore(), newStore()];
    let left = 5;
    let clock = 0;
    const stubborn: TrialStore = {
      ...store,
      [method]: (...given: unknown[]): unknown => {
        if (store.rows({ states: ['done'] }).length >= 3 && left-- > 0) throw full();
        return Reflect.apply(store[method], undefined, given) as unknown;
      },
    };
    const { retry, events } = fakeRetry();
    const elapsedMs = (): number => (clock += 10_000);
    const { pool } = faulty(() => undefined);
    const { status } = await search(stubborn, pool, { retry, elapsedMs });
    expect(status).toMatchObject({ done: 12, failed: 0 });
    await search(straight, faulty(() => undefined).pool, {});
    const table = (of: TrialStore) => of.rows().map((row) => [row.trial, row.text, row.reward]);
    expect(table(store)).toEqual(table(straight));
    expect(events.map(({ kind }) => kind)).toEqual(method === 'note' ? [] : ['waiting', 'recovered']);
    expect(left).toBeLessThan(1);
  });
});

describe('NetAdapt', () => {
  /** Evaluator and meter that both fail the given number of times at every third call, and a store that fails now and then. */
  function unlucky(times: number, fault: () => Error) {
    const options = setUp(3);
    const tuner = fakeTuner(3);
    const meter = fakeMeter(3);
    let calls = 0;
    let left = times;
    const meets = (): boolean => {
      if (++calls % 3 !== 0 || left-- <= 0) return false;
      calls--;
      return true;
    };
    const pool = {
      slots: tuner.slots,
      evaluate: async (...given: Parameters<Pool['evaluate']>) => {
        if (meets()) throw fault();
        return tuner.evaluate(...given);
      },
      measure: async (...given: Parameters<Pool['measure']>) => {
        if (meets()) throw fault();
        return meter.measure(...given);
      },
    } as unknown as Pool;
    let writes = 0;
    const { store } = options;
    const stubborn: TrialStore = {
      ...store,
      finish(...given) {
        if (++writes % 4 === 2 && left > 0) throw full();
        return store.finish(...given);
      },
    };
    return { options, pool, store: stubborn };
  }

  it('waits too, and ends with the same lineage', async () => {
    const whole = await refine(setUp(3));
    const { retry, events } = fakeRetry();
    const { options, pool, store } = unlucky(9, away);
    const steady = retryingPool(pool, retry);
    const result = await refine({ ...options, store, evaluator: steady, meter: steady, retry });
    expect(result.steps).toEqual(whole.steps);
    expect(events.map(({ kind }) => kind)).toContain('recovered');
    expect(store.rows({ states: ['failed', 'running'] })).toEqual([]);
  });

  it('ends with the code after the limit and on Ctrl-C, and is resumed to the same lineage', async () => {
    const whole = await refine(setUp(3));
    for (const interrupted of [false, true]) {
      const stop = new AbortController();
      const { options, pool, store } = unlucky(Infinity, away);
      const retry = interrupted
        ? createRetry({ limitSeconds: 3600, onEvent: () => setImmediate(() => stop.abort()) })
        : fakeRetry(60).retry;
      const steady = retryingPool(pool, retry);
      const { signal } = stop;
      await expect(
        refine({ ...options, signal, store: options.store, evaluator: steady, meter: steady, retry }),
      ).rejects.toMatchObject({ code: 'NAS_AGENT_UNREACHABLE' });
      expect(store.rows({ states: ['failed'] })).toEqual([]);
      expect((await refine(options)).steps).toEqual(whole.steps);
    }
  });
});
