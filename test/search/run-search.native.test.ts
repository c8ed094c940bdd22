import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ms, NasError, type Json } from '../../src/core/index.js';
import {
  createReward,
  createStrategy,
  exhaustedText,
  runSearch,
  type Finished,
  type SearchEvent,
  type SearchOptions,
  type SearchResult,
  type Strategy,
} from '../../src/search/index.js';
import {
  createMemoryStore,
  createStudy,
  openStudy,
  readController,
  trialRow,
  type Job,
  type Outcome,
  type Study,
  type TrialRow,
  type TrialStore,
} from '../../src/trials/index.js';
import { STUDY } from '../../src/testing/index.js';
import { failure, fakeClock, fakeEvaluator, fakeOutcome, type FakeEvaluator } from './fake-evaluator.js';
import { fakeSpace } from './fake-space.js';

const space = fakeSpace();
const targetMs = ms(2);
const study: Study = { ...STUDY, seed: '3' };

interface Setting extends Partial<Omit<SearchOptions, 'strategy'>> {
  readonly strategy?: string | Strategy;
}

function search(store: TrialStore, evaluator: FakeEvaluator, over: Setting = {}): Promise<SearchResult> {
  const { strategy = 'ppo', ...rest } = over;
  return runSearch({
    space,
    strategy:
      typeof strategy !== 'string'
        ? strategy
        : createStrategy(strategy, {
            space: over.space ?? space,
            seed: store.study.seed,
            saved: store.strategyState(),
            settings: { ppo: { hidden: 8 } },
          }),
    reward: createReward({ kind: 'absolute', targetMs }),
    store,
    evaluator,
    targetMs,
    budget: { trials: 24, seconds: null },
    plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    // Time stands still between two events of a fake clock, however long the machine takes.
    pause: () => Promise.resolve(),
    ...rest,
  });
}

/** What must agree between two runs: everything but wall-clock times and attempts. */
function table(store: TrialStore): unknown[] {
  return [...store.trials()].map((trial) => ({
    ...trialRow(trial),
    note: trial.note,
    createdAt: 0,
    finishedAt: 0,
    attempts: 0,
  }));
}

/** A store as a killed process leaves it behind: what was committed, nothing closed. */
function afterKill(store: TrialStore): TrialStore {
  const copy = createMemoryStore(store.study);
  for (const trial of store.trials()) {
    copy.begin([trial], null);
    if (trial.outcome) copy.finish(trial.id, trial.outcome, trial.reward, null);
  }
  const state: Json = store.strategyState();
  const used = store.noted('search.seconds');
  if (used !== undefined) copy.note('search.seconds', used);
  return { ...copy, strategyState: () => (copy.strategyState() === null ? state : copy.strategyState()) };
}

/** MnasNet's controller as published but small, which hears of the candidates that are refused. */
function paper(): Strategy {
  return createStrategy('ppo', { space, seed: '3', settings: { preset: 'paper', ppo: { hidden: 8 } } });
}

function withAlso(outcome: Outcome, also: object): Outcome {
  return { ...outcome, latency: { ...outcome.latency, also: [also] } } as Outcome;
}

class Killed extends NasError {
  constructor() {
    super({ code: 'NAS_KILLED', found: 'killed' });
  }
}

describe('the latency gate', () => {
  /** Foretells what the fake evaluator will find, give or take a tenth. */
  const latencyGate = (learned: number[]) => ({
    predict: (text: string) => {
      const { latency } = fakeOutcome({ text } as Job, 1);
      if (latency === null) return null;
      return {
        ...latency,
        source: 'predicted' as const,
        lowMs: 0.9 * latency.medianMs,
        runs: 0,
        samplesMs: [],
      };
    },
    learn: (row: TrialRow) => void learned.push(row.trial),
  });

  it('asks for another candidate where one is refused: no row, no update of the strategy', async () => {
    const store = createMemoryStore(study);
    const evaluator = fakeEvaluator();
    const reported: number[] = [];
    const random = createStrategy('random', { space, seed: '3' });
    await search(store, evaluator, {
      gateFactor: 0.9,
      predictor: latencyGate([]),
      strategy: { ...random, tell: (finished) => reported.push(...finished.map(({ trial }) => trial)) },
    });
    expect(store.rows({ states: ['infeasible'] }).filter((row) => row.latencySource === 'predicted')).toEqual(
      [],
    );
    expect(evaluator.jobs).toHaveLength(24);
    expect(reported).toEqual(store.rows().map((row) => row.trial));
    const chance = createMemoryStore(study);
    await search(chance, fakeEvaluator(), { gateFactor: 0.9, strategy: 'random' });
    expect(chance.rows({ states: ['infeasible'] }).length).toBeGreaterThan(0);
  });

  it('ends hopeless candidates without evaluating them, and says that it was predicted', async () => {
    const store = createMemoryStore(study);
    const evaluator = fakeEvaluator();
    const learned: number[] = [];
    await search(store, evaluator, { gateFactor: 0.9, predictor: latencyGate(learned), strategy: paper() });
    const predicted = store.rows().filter((row) => row.latencySource === 'predicted');
    expect(predicted.length).toBeGreaterThan(0);
    for (const row of predicted) {
      expect(row.state).toBe('infeasible');
      expect(row.reason).toMatch(/^predicted .*over the limit/);
      expect(row.reward).not.toBeNull();
      expect(0.9 * row.latencyMs!).toBeGreaterThan(0.9 * targetMs);
    }
    const evaluated = new Set(evaluator.jobs.map((job) => job.trial));
    expect(predicted.some((row) => evaluated.has(row.trial))).toBe(false);
    expect(evaluated.size + predicted.length).toBe(24);
    expect(learned).toHaveLength(24);
  });

  it('is kept next to what was measured', async () => {
    const store = createMemoryStore(study);
    await search(store, fakeEvaluator(), { gateFactor: 0.9, predictor: latencyGate([]) });
    const predicted = store.predicted();
    const timed = store.rows().filter((row) => row.latencySource === 'measured');
    expect(timed.length).toBeGreaterThan(0);
    expect(predicted.size).toBe(timed.length);
    for (const row of timed) expect(predicted.get(row.trial)).toBe(row.latencyMs);
  });

  it('is not asked in batch mode, nor without a gate', async () => {
    for (const over of [{ mode: 'batch' as const, gateFactor: 0.9 }, { gateFactor: null }]) {
      const store = createMemoryStore(study);
      await search(store, fakeEvaluator(), { ...over, predictor: latencyGate([]) });
      expect(store.rows().filter((row) => row.latencySource === 'predicted')).toEqual([]);
    }
  });
});

describe('what a strategy hears of a finished trial', () => {
  it('is accuracy, latency with its interval on each platform, seconds and fidelity', async () => {
    const reported: Finished[] = [];
    const random = createStrategy('random', { space, seed: '3' });
    const also = { platform: 'phone', medianMs: ms(5), lowMs: ms(4), highMs: ms(6), targetMs: ms(3) };
    const store = createMemoryStore(study);
    await search(
      store,
      fakeEvaluator({ outcome: (job, seconds) => withAlso(fakeOutcome(job, seconds), also) }),
      {
        budget: { trials: 6, seconds: null },
        gateFactor: 0.9,
        strategy: { ...random, tell: (finished) => reported.push(...finished) },
      },
    );
    expect(reported.map(({ state }) => state).sort()).toEqual(
      store
        .rows()
        .map(({ state }) => state)
        .sort(),
    );
    for (const one of reported) {
      const row = store.rows().find(({ trial }) => trial === one.trial)!;
      expect(one).toMatchObject({ accuracy: row.accuracy, reward: row.reward, seconds: row.seconds });
      expect(one.fidelity).toBe(row.state === 'done' ? 1 : null);
      expect(one.latencies).toEqual([
        {
          ...{ platform: row.platform, medianMs: row.latencyMs, targetMs },
          ...{ lowMs: row.latencyLowMs, highMs: row.latencyHighMs },
        },
        also,
      ]);
    }
  });
});

describe('a search', () => {
  it.each([
    ['async', 1],
    ['async', 4],
    ['batch', 1],
    ['batch', 4],
    ['batch', 3],
  ] as const)('of 24 trials ends complete: %s, %i slots', async (mode, slots) => {
    const store = createMemoryStore(study);
    const evaluator = fakeEvaluator({ slots });
    const result = await search(store, evaluator, { mode });
    expect(result.ended).toBe('trials');
    expect(result.status).toMatchObject({ done: 24, failed: 0, infeasible: 0, running: 0, secondsLeft: 0 });
    const trials = [...store.trials()];
    expect(trials.map((trial) => trial.state)).toEqual(Array(24).fill('done'));
    expect(new Set(trials.map((trial) => trial.text)).size).toBe(24);
    expect(trials.map((trial) => trial.seed)).toEqual(trials.map((trial) => `3/trial/${trial.id}`));
    expect(evaluator.most()).toBe(slots);
    const meeting = trials.map(trialRow).filter((row) => row.latencyMs! <= 2);
    expect(result.best?.accuracy).toBe(Math.max(...meeting.map((row) => row.accuracy!)));
  });

  it.each(['random', 'ppo', 'reinforce', 'evolution', 'nsga2', 'surrogate'])(
    'in batch mode gives one table with 1 and 4 slots: %s',
    async (strategy) => {
      const [one, four] = [createMemoryStore(study), createMemoryStore(study)];
      const seconds = (job: { trial: number }) => 1 + ((job.trial * 7) % 5);
      await search(one, fakeEvaluator({ slots: 1, seconds }), { mode: 'batch', strategy });
      await search(four, fakeEvaluator({ slots: 4, seconds }), { mode: 'batch', strategy });
      expect(table(four)).toEqual(table(one));
      expect(four.strategyState()).toEqual(one.strategyState());
    },
  );

  it('gives another table for another seed', async () => {
    const [a, b] = [createMemoryStore(study), createMemoryStore({ ...study, seed: '4' })];
    await search(a, fakeEvaluator());
    await search(b, fakeEvaluator());
    expect(table(a).map((row) => (row as { text: string }).text)).not.toEqual(
      table(b).map((row) => (row as { text: string }).text),
    );
  });

  describe.each([
    ['async', 1],
    ['batch', 1],
    ['batch', 4],
  ] as const)('%s with %i slots', (mode, slots) => {
    it.each([1, 3, 4, 6, 23])('killed at trial %i and resumed, gives the unbroken table', async (k) => {
      const whole = createMemoryStore(study);
      await search(whole, fakeEvaluator({ slots }), { mode });
      const broken = createMemoryStore(study);
      const dying = fakeEvaluator({
        slots,
        outcome: (job, seconds) => {
          if (job.trial >= k) throw new Killed();
          return fakeOutcome(job, seconds);
        },
      });
      await expect(search(broken, dying, { mode })).rejects.toThrow(Killed);
      const resumed = afterKill(broken);
      expect([...resumed.trials({ states: ['running'] })].length).toBeGreaterThan(0);
      await search(resumed, fakeEvaluator({ slots }), { mode });
      expect(table(resumed)).toEqual(table(whole));
      expect(resumed.strategyState()).toEqual(whole.strategyState());
      expect(resumed.trial(k)?.attempts).toBe(2);
    });

    it('stopped by the user and resumed, gives the unbroken table', async () => {
      const whole = createMemoryStore(study);
      await search(whole, fakeEvaluator({ slots }), { mode });
      const broken = createMemoryStore(study);
      const user = new AbortController();
      const result = await search(broken, fakeEvaluator({ slots }), {
        mode,
        signal: user.signal,
        onEvent: (event) => {
          if (event.kind === 'progress' && event.progress.trial === 6) user.abort();
        },
      });
      expect(result.ended).toBe('interrupted');
      expect(broken.trial(6)?.state).toBe('running');
      expect([...broken.trials({ states: ['stopped', 'failed'] })]).toEqual([]);
      await search(broken, fakeEvaluator({ slots }), { mode });
      expect(table(broken)).toEqual(table(whole));
    });
  });

  it('begins nothing when the user stopped it before, and nothing more when it is complete', async () => {
    const store = createMemoryStore(study);
    const evaluator = fakeEvaluator();
    const { ended } = await search(store, evaluator, { signal: AbortSignal.abort() });
    expect([ended, evaluator.jobs.length]).toEqual(['interrupted', 0]);
    await search(store, evaluator);
    const again = fakeEvaluator();
    expect((await search(store, again)).ended).toBe('trials');
    expect(again.jobs).toEqual([]);
    await search(store, again, { budget: { trials: 26, seconds: null } });
    expect(again.jobs.map((job) => job.trial)).toEqual([25, 26]);
  });

  it('hands each job its stream, gate, plan, checkpoint and limit', async () => {
    const evaluator = fakeEvaluator();
    await search(createMemoryStore(study), evaluator, {
      budget: { trials: 1, seconds: null },
      gateFactor: 1.5,
      checkpoint: (trial) => `t${trial}.bin`,
    });
    expect(evaluator.jobs).toEqual([
      expect.objectContaining({
        trial: 1,
        seed: '3/trial/1',
        gateMs: 3,
        checkpoint: 't1.bin',
        evaluationSplit: 'validation',
        start: { kind: 'random' },
      }),
    ]);
  });

  it('teaches infeasible candidates with the lowest accuracy so far at their latency', async () => {
    const store = createMemoryStore(study);
    await search(store, fakeEvaluator(), { gateFactor: 1 });
    const reward = createReward({ kind: 'absolute', targetMs });
    let lowest = 0.1;
    let met = 0;
    for (const { outcome, reward: stored } of store.trials()) {
      if (outcome?.state === 'infeasible') {
        met++;
        expect(stored).toBe(reward(lowest as never, outcome.latency.medianMs));
      } else if (outcome?.state === 'done')
        lowest = lowest === 0.1 ? outcome.accuracy : Math.min(lowest, outcome.accuracy);
    }
    expect(met).toBeGreaterThan(0);
    expect([...store.trials({ states: ['infeasible'] })]).toHaveLength(met);
  });
});

describe('a search on a SQLite study', () => {
  it('killed in the middle and resumed from its files, gives the table of a memory store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nas-search-'));
    try {
      const whole = createMemoryStore({ ...study, name: 'flow' });
      await search(whole, fakeEvaluator());
      const first = createStudy(join(folder, 'first', 'flow'), { ...study, name: 'flow' });
      const dies = (event: SearchEvent): void => {
        if (event.kind === 'begun' && event.trial.id === 11) throw new Killed();
      };
      await expect(search(first, fakeEvaluator(), { onEvent: dies })).rejects.toThrow(Killed);
      cpSync(join(folder, 'first'), join(folder, 'killed'), { recursive: true });
      first[Symbol.dispose]();
      using second = openStudy(join(folder, 'killed', 'flow'));
      expect(second.rows()).toHaveLength(11);
      await search(second, fakeEvaluator());
      expect(table(second)).toEqual(table(whole));
      expect(second.strategyState()).toEqual(whole.strategyState());
      expect(readController(second)).toEqual(readController(whole));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("the controller's probabilities", () => {
  const ppo = () => createStrategy('ppo', { space, seed: '3', settings: { ppo: { hidden: 8 } } });

  it('are kept after each trial reported, for a strategy that has some', async () => {
    const store = createMemoryStore(study);
    await search(store, fakeEvaluator());
    const history = readController(store);
    expect(history?.choices).toEqual(
      Array.from({ length: 6 }, (_, i) => ({ choice: `c${i}`, options: ['0', '1', '2', '3'] })),
    );
    expect(history?.snapshots.map(({ reported }) => reported)).toEqual(
      Array.from({ length: 25 }, (_, i) => i),
    );
    const sums = history?.snapshots.flatMap(({ probabilities }) =>
      probabilities.map((options) => options.reduce((sum, p) => sum + p, 0)),
    );
    for (const sum of sums ?? []) expect(sum).toBeCloseTo(1, 3);
    const [first, last] = [history?.snapshots[0], history?.snapshots.at(-1)];
    expect(last?.probabilities).not.toEqual(first?.probabilities);
  });

  it('are none of a strategy without', async () => {
    const store = createMemoryStore(study);
    await search(store, fakeEvaluator(), { strategy: 'random' });
    expect(readController(store)).toBeUndefined();
  });

  it('change nothing of a search', async () => {
    const [seen, unseen] = [createMemoryStore(study), createMemoryStore(study)];
    await search(seen, fakeEvaluator());
    const { probabilities: _, ...blind } = ppo();
    await search(unseen, fakeEvaluator(), { strategy: blind });
    expect(table(seen)).toEqual(table(unseen));
    expect(seen.strategyState()).toEqual(unseen.strategyState());
    expect(readController(unseen)).toBeUndefined();
  });
});

describe('repeated proposals', () => {
  const tiny = fakeSpace(2, 2);
  it('are answered from memory, until the whole space is known', async () => {
    const store = createMemoryStore(study);
    const evaluator = fakeEvaluator({ slots: 2 });
    const events: SearchEvent[] = [];
    const result = await search(store, evaluator, {
      space: tiny,
      onEvent: (event) => events.push(event),
    });
    expect(result.ended).toBe('exhausted');
    expect(result.exhausted).toMatchObject({ networks: 4 });
    expect(events.at(-1)).toMatchObject({ kind: 'exhausted', networks: 4 });
    expect(new Set(evaluator.jobs.map((job) => job.text)).size).toBe(4);
    expect([...store.trials()]).toHaveLength(4);
    expect(events.some((event) => event.kind === 'repeat')).toBe(true);
  });

  /** Proposes one architecture only, and so does the space's own sampling. */
  const same = (choices: number): Setting => {
    const all = fakeSpace(choices, 2);
    const genome = all.choices.map(() => 1);
    return {
      space: { ...all, sample: () => genome },
      strategy: {
        name: 'stubborn',
        ask: (count) => Array.from({ length: count }, () => ({ genome, note: null })),
        tell: () => undefined,
        save: () => null,
      },
    };
  };

  it.each(['async', 'batch'] as const)(
    'leave no network of a small space untried, for any proposals (%s)',
    async (mode) => {
      const store = createMemoryStore(study);
      const result = await search(store, fakeEvaluator({ slots: 2 }), { ...same(4), mode });
      expect(new Set(store.rows().map((row) => row.text)).size).toBe(16);
      expect(store.rows()).toHaveLength(16);
      expect(result.exhausted).toMatchObject({ networks: 16 });
      expect(exhaustedText(result.exhausted!)).toBe('the space has 16 networks; all were tried');
    },
  );

  it('end a search in a large space, which says how many proposals brought nothing new', async () => {
    const store = createMemoryStore(study);
    const result = await search(store, fakeEvaluator(), same(13));
    expect(store.rows()).toHaveLength(1);
    expect(result.exhausted).toEqual({ networks: null, proposals: 231 });
    expect(exhaustedText(result.exhausted!)).toBe(
      'no new network was found in 231 proposals: the search ends',
    );
  });

  it.each([
    ['teach a strategy that learns from them the old reward under the new note', true],
    ['teach any other nothing', false],
  ])('%s', async (_name, learnsFromRepeats) => {
    const store = createMemoryStore(study);
    const taught: { trial: number; reward: number | null; note: Json }[] = [];
    let asked = 0;
    await runSearch({
      space: tiny,
      strategy: {
        name: 'stubborn',
        learnsFromRepeats,
        ask: (count) =>
          Array.from({ length: count }, () => ({ genome: [0, asked++ < 3 ? 0 : 1], note: asked })),
        tell: (finished) => taught.push(...finished),
        save: () => null,
      },
      reward: createReward({ kind: 'absolute', targetMs }),
      store,
      evaluator: fakeEvaluator(),
      targetMs,
      budget: { trials: 2, seconds: null },
      plan: { epochs: 1, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0 },
    });
    const first = store.trial(1)!.reward;
    expect(taught.map(({ trial, reward, note }) => [trial, reward, note])).toEqual([
      [1, first, 1],
      ...(learnsFromRepeats
        ? [
            [1, first, 2],
            [1, first, 3],
          ]
        : []),
      [2, store.trial(2)!.reward, 4],
    ]);
  });
});

describe('failures', () => {
  it('of some candidates are kept with their reason and do not end a search', async () => {
    const store = createMemoryStore(study);
    const outcome: typeof fakeOutcome = (job, seconds) =>
      job.trial % 3 === 0 ? failure('diverged') : fakeOutcome(job, seconds);
    const { status } = await search(store, fakeEvaluator({ outcome }));
    expect(status).toMatchObject({ done: 16, failed: 8 });
    expect(store.trial(3)).toMatchObject({ state: 'failed', reward: null, outcome: { reason: 'diverged' } });
  });

  it('five in a row for one cause end it with that cause', async () => {
    const store = createMemoryStore(study);
    const outcome: typeof fakeOutcome = (job, seconds) =>
      job.trial > 4 ? failure(`worker ${job.trial} died`) : fakeOutcome(job, seconds);
    await expect(search(store, fakeEvaluator({ outcome }))).rejects.toMatchObject({
      code: 'NAS_SEARCH_FAILED',
      found: '5 candidates in a row failed: worker 9 died',
    });
    expect(store.rows().map((row) => row.trial)).toHaveLength(9);
  });

  it('five in a row for different causes do not', async () => {
    const causes = ['a', 'b', 'c', 'd', 'e'];
    const outcome: typeof fakeOutcome = (job, seconds) =>
      job.trial > 4 && job.trial < 10 ? failure(causes[job.trial - 5]!) : fakeOutcome(job, seconds);
    const { status } = await search(createMemoryStore(study), fakeEvaluator({ outcome }));
    expect(status).toMatchObject({ done: 19, failed: 5 });
  });

  it('a first one that would meet any candidate ends it immediately; others in flight stay resumable', async () => {
    const store = createMemoryStore(study);
    const evaluator = fakeEvaluator({
      slots: 2,
      seconds: (job) => (job.trial === 1 ? 1 : 50),
      outcome: () => failure('no data', true),
    });
    await expect(search(store, evaluator)).rejects.toMatchObject({
      code: 'NAS_SEARCH_FAILED',
      found: expect.stringContaining('no data') as string,
    });
    expect(store.rows().map((row) => row.state)).toEqual(['failed', 'running']);
  });

  it('a search without one done candidate never ends as a success', async () => {
    const three = { budget: { trials: 3, seconds: null } };
    await expect(
      search(createMemoryStore(study), fakeEvaluator({ outcome: () => failure('diverged') }), three),
    ).rejects.toMatchObject({
      code: 'NAS_SEARCH_FAILED',
      found: expect.stringContaining('diverged') as string,
    });
    await expect(
      search(createMemoryStore(study), fakeEvaluator(), { ...three, gateFactor: 0.1 }),
    ).rejects.toMatchObject({ code: 'NAS_NOTHING_FEASIBLE' });
    await expect(
      search(createMemoryStore(study), fakeEvaluator(), {
        budget: { trials: null, seconds: 5 },
        expectedSeconds: 9,
      }),
    ).rejects.toMatchObject({ code: 'NAS_BUDGET_TOO_SHORT' });
  });
});

describe('a time budget', () => {
  const timed = (seconds: number, over: Setting = {}) => {
    const clock = fakeClock();
    return {
      clock,
      over: { budget: { trials: null, seconds }, elapsedMs: clock.elapsedMs, after: clock.after, ...over },
    };
  };

  it('begins no candidate that would overrun it', async () => {
    const { clock, over } = timed(65);
    const store = createMemoryStore(study);
    const result = await search(store, fakeEvaluator({ clock }), over);
    expect(result.ended).toBe('seconds');
    expect(result.status).toMatchObject({ done: 6, secondsUsed: 60, secondsLeft: 5 });
    expect(store.rows()).toHaveLength(6);
  });

  it('stops what is in flight when it is up, in either mode, and marks it stopped', async () => {
    for (const mode of ['async', 'batch'] as const) {
      const { clock, over } = timed(65, { mode });
      const store = createMemoryStore(study);
      const seconds = (job: { trial: number }) => (job.trial <= 4 ? 10 : 100);
      await search(store, fakeEvaluator({ clock, slots: 2, seconds }), over);
      const states = store.rows().map((row) => row.state);
      expect(states.slice(0, 4)).toEqual(Array(4).fill('done'));
      expect(new Set(states.slice(4))).toEqual(new Set(['stopped']));
      expect(store.rows().every((row) => row.state === 'done' || row.reward === null)).toBe(true);
      expect(clock.elapsedMs() / 1000).toBeLessThanOrEqual(65 + 25);
    }
  });

  it('counts what earlier sessions used', async () => {
    const first = timed(32);
    const store = createMemoryStore(study);
    await search(store, fakeEvaluator({ clock: first.clock }), first.over);
    const second = timed(52);
    const { status } = await search(store, fakeEvaluator({ clock: second.clock }), second.over);
    expect(status).toMatchObject({ done: 5, secondsUsed: 50, secondsLeft: 2 });
    expect(second.clock.elapsedMs()).toBe(20_000);
  });

  it('estimates the end from what was finished', async () => {
    const clock = fakeClock();
    const events: SearchEvent[] = [];
    await search(createMemoryStore(study), fakeEvaluator({ clock, slots: 2 }), {
      elapsedMs: clock.elapsedMs,
      after: clock.after,
      expectedSeconds: 8,
      onEvent: (event) => events.push(event),
    });
    expect(events[0]).toMatchObject({ kind: 'begun', status: { secondsLeft: 96 } });
    const finished = events.filter((event) => event.kind === 'finished').map((event) => event.status);
    expect(finished[1]).toMatchObject({ secondsUsed: 10, secondsLeft: 110 });
    expect(finished.at(-1)).toMatchObject({ done: 24, secondsLeft: 0 });
  });
});
