import { describe, expect, it } from 'vitest';
import { ms, NasError } from '../../src/core/index.js';
import {
  createReward,
  createStrategy,
  runSearch,
  type SearchOptions,
  type SearchResult,
} from '../../src/search/index.js';
import type { SearchSpace } from '../../src/space/index.js';
import { createMemoryStore, type TrialRow, type TrialStore } from '../../src/trials/index.js';
import { STUDY } from '../../src/testing/index.js';
import { fakeEvaluator, fakeOutcome, type FakeEvaluator } from './fake-evaluator.js';
import { fakeSpace } from './fake-space.js';

const whole = fakeSpace();
/** A user's own space with a bug: it throws for a quarter of its genomes. */
const faulty: SearchSpace = {
  ...whole,
  decode(genome) {
    if (genome[0] === 3) throw new TypeError('stage 1 has no width');
    return whole.decode(genome);
  },
};

function search(
  store: TrialStore,
  evaluator: FakeEvaluator,
  over: Partial<SearchOptions> = {},
): Promise<SearchResult> {
  const space = over.space ?? whole;
  return runSearch({
    space,
    strategy: createStrategy('random', { space, seed: '3', saved: store.strategyState() }),
    reward: createReward({ kind: 'absolute', targetMs: ms(2) }),
    store,
    evaluator,
    targetMs: ms(2),
    budget: { trials: 24, seconds: null },
    plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    ...over,
  });
}

const newStore = (): TrialStore => createMemoryStore({ ...STUDY, seed: '3' });
const failedOf = (store: TrialStore): readonly TrialRow[] => store.rows({ states: ['failed'] });

describe("an exception in a user's own space", () => {
  it.each(['async', 'batch'] as const)(
    'ends the trial of that genome with its reason, untrained, in mode %s',
    async (mode) => {
      const store = newStore();
      const evaluator = fakeEvaluator({ slots: 2 });
      const { ended, status } = await search(store, evaluator, { space: faulty, mode });
      const failed = failedOf(store);
      expect(failed.length).toBeGreaterThan(2);
      expect({ ended, ...status }).toMatchObject({ ended: 'trials', failed: failed.length });
      for (const row of failed) {
        expect(row).toMatchObject({
          reason: 'the space fake cannot decode this genome: stage 1 has no width',
          reward: null,
          params: 0,
        });
        expect(row.text).toBe(`undecodable ${JSON.stringify(store.trial(row.trial)?.genome)}`);
        expect(store.trial(row.trial)?.genome?.[0]).toBe(3);
      }
      const evaluated = evaluator.jobs.map((job) => job.trial);
      expect(evaluated.filter((trial) => failed.some((row) => row.trial === trial))).toEqual([]);
      expect(new Set(store.rows().map((row) => row.text)).size).toBe(24);
    },
  );

  it('ends the search with that reason when it meets every genome', async () => {
    const decode = (): never => {
      throw new TypeError('no stage 1');
    };
    await expect(search(newStore(), fakeEvaluator(), { space: { ...whole, decode } })).rejects.toMatchObject({
      code: 'NAS_SEARCH_FAILED',
      found: expect.stringMatching(/^5 candidates in a row failed.*no stage 1$/) as string,
    });
  });

  it('leaves the same table when the search is interrupted and resumed', async () => {
    const [straight, broken] = [newStore(), newStore()];
    await search(straight, fakeEvaluator(), { space: faulty, mode: 'batch' });
    const stop = new AbortController();
    const onEvent: SearchOptions['onEvent'] = ({ kind }) => {
      if (kind === 'finished' && broken.rows({ states: ['failed'] }).length === 2) stop.abort();
    };
    await search(broken, fakeEvaluator(), { space: faulty, mode: 'batch', signal: stop.signal, onEvent });
    expect(broken.rows().length).toBeLessThan(24);
    await search(broken, fakeEvaluator(), { space: faulty, mode: 'batch' });
    const summary = ({ trial, text, state, reward, reason }: TrialRow): unknown[] => [
      ...[trial, text, state, reward, reason],
    ];
    expect(broken.rows().map(summary)).toEqual(straight.rows().map(summary));
  });
});

describe('an evaluator that throws', () => {
  it('fails the candidate it was at', async () => {
    const store = newStore();
    const outcome: typeof fakeOutcome = (job, seconds) => {
      if (job.trial === 3) throw new RangeError('Array buffer allocation failed');
      return fakeOutcome(job, seconds);
    };
    const { status } = await search(store, fakeEvaluator({ outcome }));
    expect(status).toMatchObject({ done: 23, failed: 1 });
    expect(failedOf(store)).toMatchObject([{ trial: 3, reason: 'Array buffer allocation failed' }]);
  });

  it.each(['async', 'batch'] as const)(
    'what would meet any candidate ends the search immediately; nothing fails, and all resumes when it is fixed (%s)',
    async (mode) => {
      const store = newStore();
      const outcome: typeof fakeOutcome = (job, seconds) => {
        if (job.trial > 4) throw new NasError({ code: 'NAS_HOST_DIES', found: 'five times in a row' });
        return fakeOutcome(job, seconds);
      };
      const dying = search(store, fakeEvaluator({ outcome, slots: 3 }), { mode });
      await expect(dying).rejects.toMatchObject({ code: 'NAS_HOST_DIES' });
      expect(store.rows({ states: ['done'] }).map((row) => row.trial)).toEqual([1, 2, 3, 4]);
      const left = store.rows({ states: ['running'] });
      expect(left.length).toBeGreaterThan(0);
      expect(left).toHaveLength(store.rows().length - 4);
      expect((await search(store, fakeEvaluator(), { mode })).status).toMatchObject({ done: 24, failed: 0 });
    },
  );

  it('what another one in flight has reached by then is kept', async () => {
    const store = newStore();
    const outcome: typeof fakeOutcome = (job, seconds) => {
      if (job.trial === 2) throw new NasError({ code: 'NAS_HOST_DIES', found: 'five times in a row' });
      return fakeOutcome(job, seconds);
    };
    const evaluator = fakeEvaluator({ outcome, slots: 2 });
    const deaf: FakeEvaluator = {
      ...evaluator,
      evaluate: (job, _signal, progress) =>
        evaluator.evaluate(job, new AbortController().signal, (news) => {
          progress(news);
          return 'continue';
        }),
    };
    await expect(search(store, deaf)).rejects.toMatchObject({ code: 'NAS_HOST_DIES' });
    expect(store.rows().map((row) => row.state)).toEqual(['done', 'running', 'done']);
  });
});

describe("a user's own reward", () => {
  it.each([
    [
      'throws',
      () => {
        throw new TypeError('no weight');
      },
      'no weight',
    ],
    ['gives no number', () => Number.NaN, 'NaN'],
  ] as const)('that %s fails the candidate, and says what was reached', async (_what, wrong, why) => {
    const store = newStore();
    const right = createReward({ kind: 'absolute', targetMs: ms(2) });
    let asked = 0;
    const reward: SearchOptions['reward'] = (...of) => (++asked === 3 ? wrong() : right(...of));
    expect((await search(store, fakeEvaluator(), { reward })).status).toMatchObject({ done: 23, failed: 1 });
    const [row] = failedOf(store);
    expect(row).toMatchObject({ trial: 3, reward: null });
    expect(row?.reason).toMatch(new RegExp(`^no reward of accuracy 0\\.\\d+: ${why}$`));
    expect(row?.latencyMs).toBeGreaterThan(0);
  });
});

describe('a store that can no longer be written', () => {
  it('ends the search with its error and not inside the evaluator', async () => {
    const store = newStore();
    const full = new NasError({ code: 'NAS_NOT_WRITABLE', found: 'the disk is full' });
    let noted = 0;
    const note: TrialStore['note'] = () => {
      if (++noted > 3) throw full;
    };
    let surfaced = 0;
    const evaluator = fakeEvaluator();
    const careful: FakeEvaluator = {
      ...evaluator,
      evaluate: (job, signal, progress) =>
        evaluator.evaluate(job, signal, (news) => {
          try {
            return progress(news);
          } catch {
            surfaced++;
            return 'continue';
          }
        }),
    };
    let clock = 0;
    const elapsedMs = (): number => (clock += 10_000);
    await expect(search({ ...store, note }, careful, { elapsedMs })).rejects.toBe(full);
    expect(surfaced).toBe(0);
  });
});
