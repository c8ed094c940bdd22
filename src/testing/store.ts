import { beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../core/index.js';
import { trialRow, type NewTrial, type Outcome, type TrialStore } from '../trials/index.js';
import { done, latency, newTrial, STUDY } from './samples.js';
import { skipTests, type Skipping } from './skip.js';

const OUTCOMES: readonly Outcome[] = [
  done(0.9, 1.5),
  done(0, 0, { checkpoint: null, curve: [], latency: latency(0, { samplesMs: [], source: 'predicted' }) }),
  done(0.5, 2, {
    latency: latency(2, {
      reference: { medianMs: 1.5, madMs: 0.01, factor: 0.98, drift: 0.02 },
      hostState: { clockMhz: [2000, 2100.5], load: null, temperatureC: 45 },
      settled: false,
      seedFactor: 1.02,
      predicted: { medianMs: 2.1, lowMs: 1.9, highMs: 2.4 },
      lacking: ['values through r6'],
      also: [{ ...latency(7), platform: 'chromium:wasm', fingerprint: 'other', targetMs: 6 }],
    }),
  }),
  { state: 'stopped', reason: 'time is up', latency: null, curve: [], seconds: 1 },
  { state: 'infeasible', reason: '9 ms', latency: latency(9), seconds: 0.5 },
  {
    state: 'failed',
    reason: 'diverged',
    latency: latency(1),
    curve: [{ epoch: 0, step: 1, loss: NaN, trainAccuracy: Infinity, accuracy: null, seconds: 1 }],
    seconds: 2,
  },
];

/** What every {@link TrialStore} promises. `make` gives an empty store of {@link STUDY}. */
export function describeStore(name: string, make: () => TrialStore, skipping: Skipping = {}): void {
  describe(`store: ${name}`, () => {
    skipTests(skipping);
    let store: TrialStore;
    beforeEach(() => {
      store = make();
      return () => store[Symbol.dispose]();
    });
    const begin = (over: Partial<NewTrial> = {}) => store.begin([newTrial(over)], null)[0]!;
    const codeOf = (run: () => unknown): unknown => {
      try {
        run();
      } catch (error) {
        return (error as { code?: unknown }).code ?? error;
      }
      return 'nothing thrown';
    };

    it('keeps the study', () => {
      expect({ ...store.study, createdAt: 0 }).toEqual(STUDY);
    });

    it('is empty at first', () => {
      expect([...store.trials()]).toEqual([]);
      expect(store.rows()).toEqual([]);
      expect(store.trial(1)).toBeUndefined();
      expect(store.strategyState()).toBeNull();
      expect(store.noted('x')).toBeUndefined();
    });

    it('numbers trials from 1, in order, and begins them as running', () => {
      const begun = store.begin([newTrial({ text: 'a' }), newTrial({ text: 'b', genome: null })], 'S');
      expect(begun.map(({ id, text }) => [id, text])).toEqual([
        [1, 'a'],
        [2, 'b'],
      ]);
      expect(begun[0]).toMatchObject({
        ...newTrial({ text: 'a' }),
        study: 'contract',
        state: 'running',
        reward: null,
        outcome: null,
        attempts: 1,
        finishedAt: null,
      });
      expect(begin().id).toBe(3);
      expect(store.trial(2)).toEqual(begun[1]);
      expect(Object.isFrozen(store.trial(2))).toBe(true);
    });

    it.each(OUTCOMES.map((outcome, i) => [i, outcome.state, outcome] as const))(
      'keeps outcome %i (%s) whole',
      (_i, state, outcome) => {
        begin();
        const finished = store.finish(1, outcome, state === 'done' ? -0.125 : null, null);
        expect(finished).toMatchObject({ state, reward: state === 'done' ? -0.125 : null });
        expect(finished.outcome).toEqual(outcome);
        expect(finished.finishedAt).toEqual(expect.any(Number));
        expect(store.trial(1)).toEqual(finished);
        expect(store.rows()).toEqual([trialRow(finished)]);
      },
    );

    it('refuses to finish or retry a finished trial, and keeps the first outcome and state', () => {
      begin();
      const first = store.finish(1, done(0.5, 1), 1, 'first');
      expect(codeOf(() => store.finish(1, done(0.9, 1), 2, 'second'))).toBe('NAS_TRIAL_FINISHED');
      expect(codeOf(() => store.retry(1))).toBe('NAS_TRIAL_FINISHED');
      expect(store.trial(1)).toEqual(first);
      expect(store.strategyState()).toBe('first');
    });

    it('names a trial that is not there', () => {
      expect(codeOf(() => store.finish(9, done(0.5, 1), 1, null))).toBe('NAS_TRIAL_MISSING');
      expect(codeOf(() => store.retry(9))).toBe('NAS_TRIAL_MISSING');
      expect(codeOf(() => begin({ parent: 9 }))).toBe('NAS_TRIAL_MISSING');
    });

    it('keeps nothing of a call that throws', () => {
      store.begin([newTrial()], 'before');
      expect(() => store.begin([newTrial(), newTrial({ params: 1.5 })], 'after')).toThrow(RangeError);
      expect(() => store.finish(1, done(0.5, 1), NaN, 'after')).toThrow(RangeError);
      expect([...store.trials()]).toHaveLength(1);
      expect(store.trial(1)?.state).toBe('running');
      expect(store.strategyState()).toBe('before');
    });

    it('counts attempts', () => {
      begin();
      expect(store.retry(1).attempts).toBe(2);
      expect(store.retry(1).attempts).toBe(3);
      expect(store.finish(1, done(0.5, 1), 0, null).attempts).toBe(3);
    });

    it('keeps the strategy state with each begin and finish, long texts included', () => {
      const long = 'A'.repeat(10_000);
      const states: Json[] = [
        { weights: long, batch: [] },
        { weights: long, batch: [1], tricky: ['\u0000blob:x', { $blob: 1 }] },
        { weights: 'B'.repeat(10_000), moments: long, batch: [] },
        { weights: 'short' },
        [long],
        null,
      ];
      for (const [i, state] of states.entries()) {
        store.begin([newTrial()], state);
        expect(store.strategyState()).toEqual(state);
        store.finish(i + 1, done(0.5, 1), 0, states[(i + 1) % states.length]!);
        expect(store.strategyState()).toEqual(states[(i + 1) % states.length]);
      }
    });

    it('does not follow later changes of what it was given', () => {
      const state = { list: [1] };
      const genome = [1, 2];
      store.begin([newTrial({ genome })], state);
      state.list.push(2);
      genome.push(3);
      expect(store.strategyState()).toEqual({ list: [1] });
      expect(store.trial(1)?.genome).toEqual([1, 2]);
    });

    it('gives genomes and predicted latencies without the rest', () => {
      store.begin([newTrial({ genome: [3, 0] }), newTrial({ genome: null }), newTrial()], null);
      const predicted = { medianMs: 1.25, lowMs: 1, highMs: 1.5 };
      store.finish(1, done(0.5, 1, { latency: latency(1, { predicted }) }), 0, null);
      store.finish(2, done(0.5, 1), 0, null);
      expect([...store.genomes()]).toEqual([
        [1, [3, 0]],
        [3, [0, 1, 2]],
      ]);
      expect([...store.predicted()]).toEqual([[1, 1.25]]);
    });

    it('keeps notes by name, the latest of each', () => {
      store.note('a', { seconds: 1.5 });
      store.note('a', [2]);
      store.note("'; DROP TABLE note", null);
      expect(store.noted('a')).toEqual([2]);
      expect(store.noted("'; DROP TABLE note")).toBeNull();
    });

    it('filters by kind, state, text and parent', () => {
      begin({ text: 'a' });
      begin({ text: 'b', kind: 'netadapt', parent: 1 });
      begin({ text: 'a', kind: 'retrain', parent: 2 });
      store.finish(1, done(0.5, 1), 0, null);
      const ids = (filter: Parameters<TrialStore['trials']>[0]) => {
        const found = [...store.trials(filter)];
        expect(store.rows(filter)).toEqual(found.map(trialRow));
        return found.map((trial) => trial.id);
      };
      expect(ids({})).toEqual([1, 2, 3]);
      expect(ids({ kinds: ['sample', 'retrain'] })).toEqual([1, 3]);
      expect(ids({ states: ['running'] })).toEqual([2, 3]);
      expect(ids({ text: 'a' })).toEqual([1, 3]);
      expect(ids({ parent: 2 })).toEqual([3]);
      expect(ids({ kinds: [] })).toEqual([]);
      expect(ids({ kinds: ['sample'], states: ['running'] })).toEqual([]);
    });

    it('gives rows in pages, each short enough for others to have their turn', () => {
      store.begin(
        Array.from({ length: 1201 }, (_, i) => newTrial({ text: i % 2 === 0 ? 'a' : 'b' })),
        null,
      );
      store.finish(2, done(0.5, 1), 0, null);
      for (const filter of [{}, { text: 'a' }, { states: ['done'] as const }, { kinds: [] }]) {
        const pages = [...store.pages(filter)];
        expect(pages.flat()).toEqual(store.rows(filter));
        expect(Math.max(0, ...pages.map((page) => page.length))).toBeLessThanOrEqual(500);
      }
      expect([...store.pages()].length).toBeGreaterThan(2);
    });

    it('sorts rows with missing values last, whichever way, and cuts', () => {
      for (let i = 0; i < 5; i++) begin();
      store.finish(1, done(0.5, 3), 0, null);
      store.finish(2, done(0.9, 2), 0, null);
      store.finish(4, done(0.5, 1), 0, null);
      const ids = (query: Parameters<TrialStore['rows']>[0]) => store.rows(query).map((row) => row.trial);
      expect(ids({ sort: 'accuracy' })).toEqual([1, 4, 2, 3, 5]);
      expect(ids({ sort: 'accuracy', descending: true })).toEqual([2, 1, 4, 3, 5]);
      expect(ids({ sort: 'latencyMs' })).toEqual([4, 2, 1, 3, 5]);
      expect(ids({ descending: true, limit: 2 })).toEqual([5, 4]);
      expect(ids({ limit: 2, offset: 1 })).toEqual([2, 3]);
      expect(ids({ offset: 4 })).toEqual([5]);
      expect(ids({ maxLatencyMs: 2 })).toEqual([2, 4]);
      expect(ids({ minAccuracy: 0.6 })).toEqual([2]);
    });

    it('may be written while its trials are walked through', () => {
      for (let i = 0; i < 3; i++) begin();
      for (const trial of store.trials()) if (trial.id <= 3) store.finish(trial.id, done(0.5, 1), 0, null);
      expect([...store.trials({ states: ['done'] })]).toHaveLength(3);
    });

    it('takes any text unchanged', () => {
      const text = `<img src=x onerror=alert(1)> '"; -- \u0007 ünïcødé 🦜`;
      begin({ text, note: { text } });
      store.finish(1, { state: 'failed', reason: text, latency: null, curve: [], seconds: 0 }, null, null);
      expect(store.trial(1)).toMatchObject({ text, note: { text }, outcome: { reason: text } });
    });
  });
}
