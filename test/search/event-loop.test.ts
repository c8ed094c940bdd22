import { describe, expect, it } from 'vitest';
import { createRng, ms } from '../../src/core/index.js';
import { createReward, createStrategy, runSearch, type SearchOptions } from '../../src/search/index.js';
import { createProposer } from '../../src/search/loop/proposer.js';
import type { Pending, Strategy } from '../../src/search/strategies/strategy.js';
import { createMemoryStore, type NewTrial, type TrialStore } from '../../src/trials/index.js';
import { latency, newTrial, STUDY } from '../../src/testing/index.js';
import { fakeEvaluator } from './fake-evaluator.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace(12, 8);
const newStore = (): TrialStore => createMemoryStore({ ...STUDY, seed: '3' });
const refusing = { predict: () => ({ ...latency(5), source: 'predicted' as const }), learn: () => undefined };

/** A search all of whose candidates are refused by prediction, with next to endless budgets. */
function refused(store: TrialStore, over: Partial<SearchOptions> = {}) {
  return runSearch({
    space,
    strategy: {
      ...createStrategy('ppo', { space, seed: '3', settings: { ppo: { hidden: 8 } } }),
      learnsFromRefused: true,
    },
    reward: createReward({ kind: 'absolute', targetMs: ms(0.001) }),
    store,
    evaluator: fakeEvaluator(),
    targetMs: ms(0.001),
    gateFactor: 1.5,
    predictor: refusing,
    budget: { trials: null, seconds: 1e6 },
    plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    ...over,
  });
}

describe('a search that refuses every candidate', () => {
  it('leaves timers their turn, stops on request, and can be resumed', async () => {
    const store = newStore();
    const user = new AbortController();
    const timer = setTimeout(() => {
      user.abort();
    }, 30);
    const { ended, status } = await refused(store, { signal: user.signal });
    clearTimeout(timer);
    expect(ended).toBe('interrupted');
    expect(status.infeasible).toBeGreaterThan(0);
    expect(store.rows({ states: ['infeasible'] })).toHaveLength(status.infeasible);
    const more = { trials: status.infeasible + 3, seconds: null };
    await expect(refused(store, { budget: more })).rejects.toMatchObject({ code: 'NAS_NOTHING_FEASIBLE' });
    expect(store.rows({ states: ['infeasible'] })).toHaveLength(more.trials);
  });
});

describe('a strategy that does not learn from refused candidates', () => {
  it.each(['random', 'ppo', 'reinforce', 'evolution', 'nsga2', 'surrogate'])(
    'is asked again so often only, with pauses, where all are refused: %s',
    async (name) => {
      const store = newStore();
      let pauses = 0;
      const ended = refused(store, {
        strategy: createStrategy(name, { space, seed: '3', settings: { ppo: { hidden: 8 } } }),
        budget: { trials: 2, seconds: null },
        pause: () => {
          pauses++;
          return Promise.resolve();
        },
      });
      await expect(ended).rejects.toMatchObject({ code: 'NAS_NOTHING_FEASIBLE' });
      expect(store.rows({ states: ['infeasible'] })).toHaveLength(2);
      expect(pauses).toBeGreaterThan(60);
    },
  );
});

describe('a search that continues a long study', () => {
  it('pauses while it reads the trials that are there, and while it looks for the best', async () => {
    const store = newStore();
    const outcome = { state: 'infeasible', reason: 'slow', latency: latency(5), seconds: 0 } as const;
    const fresh = newTrial({ genome: space.choices.map(() => 0) });
    for (const trial of store.begin(new Array<NewTrial>(1000).fill(fresh), null))
      store.finish(trial.id, outcome, 0, null);
    let pauses = 0;
    const pause = (): Promise<void> => {
      pauses++;
      return Promise.resolve();
    };
    const ended = refused(store, { pause, budget: { trials: 1000, seconds: null } });
    await expect(ended).rejects.toMatchObject({ code: 'NAS_NOTHING_FEASIBLE' });
    expect(pauses).toBeGreaterThanOrEqual(10);
  });
});

describe('proposing', () => {
  const stubborn: Strategy = {
    name: 'stubborn',
    ask: (count) => Array.from({ length: count }, () => ({ genome: space.choices.map(() => 0), note: 1 })),
    tell: () => undefined,
    save: () => null,
  };
  const proposer = (strategy: Strategy, pause: () => Promise<void>) =>
    createProposer({ space, strategy, seed: '3', onRepeat: () => undefined, pause });

  it('pauses between the askings of a strategy that repeats itself', async () => {
    let pauses = 0;
    const made = proposer(stubborn, () => {
      pauses++;
      return Promise.resolve();
    });
    const pending: Pending[] = [{ trial: 1, genome: space.choices.map(() => 0), note: null }];
    const { fresh } = await made.propose(1, 2, pending, () => false);
    expect(fresh).toHaveLength(1);
    expect(pauses).toBeGreaterThanOrEqual(31);
  });

  it('ends soon after it is stopped', async () => {
    let asked = 0;
    const counting: Strategy = { ...stubborn, ask: (...of) => (asked++, stubborn.ask(...of)) };
    const made = proposer(counting, () => Promise.resolve());
    made.learn('never', { trial: 1, state: 'done', reward: 1 });
    const pending: Pending[] = [{ trial: 1, genome: space.choices.map(() => 0), note: null }];
    const { fresh } = await made.propose(1, 2, pending, () => asked >= 3);
    expect([asked, fresh]).toEqual([3, []]);
  });
});

describe('a PPO controller taught in parts', () => {
  it('learns what it learns in one call, and has its probabilities by the end', () => {
    const make = () => createStrategy('ppo', { space, seed: '3', settings: { ppo: { hidden: 8 } } });
    const [whole, parts] = [make(), make()];
    parts.probabilities?.();
    for (let round = 0; round < 3; round++) {
      const proposals = whole.ask(4, [], createRng('x').fork(round));
      const finished = proposals.map((one, i) => ({
        ...one,
        trial: i,
        reward: i / 4,
        state: 'done' as const,
      }));
      whole.tell(finished);
      let count = 0;
      for (const _ of parts.tellInParts?.(finished) ?? []) count++;
      // Four epochs over four trials, each a run forward and its twelve choices backward in two parts of eight at
      // most; then the eight runs of the probabilities.
      expect(count).toBe(4 * 4 * (1 + 2) + 8);
      expect(parts.save()).toEqual(whole.save());
      expect(parts.probabilities?.()).toEqual(whole.probabilities?.());
    }
  });
});
