import { describe, expect, it } from 'vitest';
import { ms } from '../../src/core/index.js';
import {
  createReward,
  createStrategy,
  exhaustedText,
  runSearch,
  type Finished,
  type InitialCandidate,
  type SearchOptions,
  type Strategy,
} from '../../src/search/index.js';
import { formatArchitecture } from '../../src/space/index.js';
import { latency, STUDY } from '../../src/testing/index.js';
import { createMemoryStore, type TrialStore } from '../../src/trials/index.js';
import { fakeEvaluator } from './fake-evaluator.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace();
const targetMs = ms(2);
const candidate = (genes: readonly number[], inSpace: boolean): InitialCandidate => ({
  genome: inSpace ? genes : null,
  text: formatArchitecture(space.decode(genes)),
  ...{ params: 1, madds: 1, note: { preset: 'any', multiplier: 1 } },
});
const initial = [candidate([0, 0, 0, 0, 0, 1], false), candidate([0, 0, 0, 0, 1, 1], true)];

/** A strategy that keeps what it hears. */
function listening(): Strategy & { readonly heard: Finished[]; readonly pending: number[] } {
  const random = createStrategy('random', { space, seed: '1' });
  const heard: Finished[] = [];
  const pending: number[] = [];
  return {
    ...random,
    heard,
    pending,
    ask(count, about, rng) {
      pending.push(...about.map(({ trial }) => trial));
      return random.ask(count, about, rng);
    },
    tell: (finished) => void heard.push(...finished),
  };
}

function search(store: TrialStore, trials: number, strategy: Strategy, more: Partial<SearchOptions> = {}) {
  const evaluator = fakeEvaluator({ slots: 2 });
  const result = runSearch({
    ...{ space, strategy, store, evaluator, targetMs, initial },
    reward: createReward({ kind: 'absolute', targetMs }),
    budget: { trials, seconds: null },
    plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    pause: () => Promise.resolve(),
    ...more,
  });
  return { result, evaluator };
}

describe.each(['async', 'batch'] as const)('initial candidates in mode %s', (mode) => {
  it('are tried first, count as trials, and only those of the space teach the strategy', async () => {
    const store = createMemoryStore(STUDY);
    const strategy = listening();
    await search(store, 5, strategy, { mode }).result;
    const trials = [...store.trials()];
    expect(trials).toHaveLength(5);
    expect(trials.slice(0, 2)).toMatchObject(
      initial.map(({ text, note }) => ({ text, note, kind: 'sample' })),
    );
    expect(new Set(trials.map(({ seed }) => seed)).size).toBe(5);
    expect(strategy.heard.map(({ trial }) => trial).sort()).toEqual([2, 3, 4, 5]);
    expect(strategy.pending).not.toContain(1);
  });

  it('are ignored by a study that has trials, and cut to the budget', async () => {
    const store = createMemoryStore(STUDY);
    await search(store, 1, listening(), { mode }).result;
    expect([...store.trials()].map(({ text }) => text)).toEqual([initial[0]?.text]);
    await search(store, 3, listening(), { mode }).result;
    const texts = [...store.trials()].map(({ text }) => text);
    expect(texts).toHaveLength(3);
    expect(texts.slice(1)).not.toContain(initial[1]?.text);
  });

  it('left unfinished are taken up again', async () => {
    const store = createMemoryStore(STUDY);
    const stop = new AbortController();
    const first = search(store, 4, listening(), {
      mode,
      signal: stop.signal,
      onEvent: () => void stop.abort(),
    });
    expect((await first.result).ended).toBe('interrupted');
    expect(store.count({ states: ['running'] })).toBe(2);
    await search(store, 4, listening(), { mode }).result;
    expect(store.count({ states: ['done'] })).toBe(4);
    expect([...store.trials()].slice(0, 2).map(({ text }) => text)).toEqual(initial.map(({ text }) => text));
  });
});

describe('a latency that is known', () => {
  it('goes with the job, so that it is not measured again', async () => {
    const known = latency(1.5);
    const [first, ...others] = initial;
    const timed = [{ ...(first as InitialCandidate), latency: known }, ...others];
    const { result, evaluator } = search(createMemoryStore(STUDY), 2, listening(), { initial: timed });
    await result;
    expect(evaluator.jobs.map((job) => job.latency)).toEqual([known, undefined]);
  });
});

describe('strategy scale', () => {
  it('tries the initial candidates only', async () => {
    const store = createMemoryStore(STUDY);
    const result = await search(store, 10, createStrategy('scale', { space, seed: '1' })).result;
    expect(result.ended).toBe('exhausted');
    expect(result.exhausted && exhaustedText(result.exhausted)).toBe(
      'the strategy proposes no more networks: the search ends',
    );
    expect(store.count({ states: ['done'] })).toBe(2);
  });

  it('without any ends as a search that trained nothing', async () => {
    const { result } = search(createMemoryStore(STUDY), 10, createStrategy('scale', { space, seed: '1' }), {
      initial: [],
    });
    await expect(result).rejects.toMatchObject({ code: 'NAS_BUDGET_TOO_SHORT' });
  });
});
