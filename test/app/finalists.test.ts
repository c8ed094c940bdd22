import { describe, expect, it } from 'vitest';
import { compareFinalists } from '../../src/app/start/compare-finalists.js';
import { bestFinalist, finalistLatency, scalingGain } from '../../src/app/start/finalists.js';
import { chooseFinal } from '../../src/app/start/choose-final.js';
import { spaceOf, type Session } from '../../src/app/study/session.js';
import { createRetry, type Json } from '../../src/core/index.js';
import { done, latency, STUDY } from '../../src/testing/index.js';
import { createMemoryStore, type Job, type Outcome, type TrialStore } from '../../src/trials/index.js';
import { fakeStudy } from './samples.js';

const textOf = (channels: number): string => `nas1:28x28x1 cn_k3_s2_c${channels}_hs gap fc_c10_id`;
const widthOf = (text: string): number => Number(/_c(\d+)_/.exec(text)?.[1]);
const scaledNote = { preset: 'mobilenet_v3_small', multiplier: 0.5 };

/** One sample: its accuracy after the search's training, its latency, its note. */
type Sampled = readonly [accuracy: number, latencyMs: number, note?: Json];

function study(...samples: readonly Sampled[]): TrialStore {
  const store = createMemoryStore(STUDY);
  for (const [i, [accuracy, latencyMs, note = null]] of samples.entries()) {
    const text = textOf(8 * (i + 1));
    const [trial] = store.begin(
      [{ kind: 'sample', parent: null, genome: null, ...{ text, params: 1, madds: i + 1, seed: 's', note } }],
      null,
    );
    store.finish(trial?.id ?? 0, done(accuracy, latencyMs), 0, null);
  }
  return store;
}

/** A pool whose trainings end at the given loss, by trial; and what it was asked for. */
function session(
  store: TrialStore,
  lossOf: (trial: number) => number,
  stopAfter = Infinity,
  againOf: (text: string) => number = () => USED_UP,
  accuracyOf: (trial: number) => number = () => 0.5,
) {
  const jobs: Job[] = [];
  const stop = new AbortController();
  const pool = {
    slots: 2,
    measure: (texts: readonly string[]) => Promise.resolve(texts.map((text) => latency(againOf(text)))),
    evaluate(job: Job): Promise<Outcome> {
      jobs.push(job);
      if (jobs.length > stopAfter) {
        stop.abort();
        return Promise.resolve({ state: 'stopped', reason: 'asked', latency: null, curve: [], seconds: 1 });
      }
      const point = { epoch: 1, step: 1, loss: 1, trainAccuracy: 1, accuracy: 0.5, seconds: 1 };
      const curve = [{ ...point, heldOutLoss: lossOf(job.trial) }];
      return Promise.resolve({ ...done(accuracyOf(job.trial), 1), curve } as Outcome);
    },
  };
  const retry = createRetry({ limitSeconds: 0, onEvent: () => undefined });
  const spec = fakeStudy({ targetMs: 2, strategy: 'random' });
  const parts = { store, retry, spec, space: spaceOf(spec), signal: stop.signal };
  return { jobs, session: { ...parts, pool: () => Promise.resolve(pool) } as unknown as Session };
}

/** Of a target of 2: nothing that widening would use. */
const USED_UP = 1.9;

const silent = (): void => undefined;

describe('finalists', () => {
  it('are the most accurate that meet the target and the best scaled preset; the one of the least loss is retrained', async () => {
    const store = study(
      [0.9, 1],
      [0.8, 1],
      [0.95, 3],
      [0.7, 1, scaledNote],
      [0.85, 1],
      [0.84, 1],
      [0.6, 1, scaledNote],
    );
    const { jobs, session: given } = session(store, (trial) => (trial === 5 ? 0.2 : 0.3));
    expect(await compareFinalists(given, null, silent)).toBe('ended');
    expect(jobs.map(({ trial }) => trial)).toEqual([1, 4, 5, 6]);
    expect(jobs[0]).toMatchObject({
      evaluationSplit: 'validation',
      checkpoint: null,
      start: { kind: 'random' },
    });
    expect(new Set(jobs.map(({ seed }) => seed)).size).toBe(4);
    expect(bestFinalist(store)?.trial).toBe(5);
    expect(finalistLatency(store, 5)?.medianMs).toBe(USED_UP);
    expect(finalistLatency(store, 2)).toBeUndefined();
    expect(scalingGain(store)).toMatchObject({ scaled: 'mobilenet_v3_small@0.5', isScaled: false });
    expect(await chooseFinal(given, silent)).toEqual({ kind: 'trial', trial: 5 });
  });

  it('within one standard error of the best are ranked by what they compute', async () => {
    const lossOf = (trial: number): number => [0.3, 0.31, 0.9][trial - 1] ?? 1;
    for (const [pictures, best] of [
      [undefined, 1],
      // √(2 · 0.25 / 10,000): 0.7 points.
      [10_000, 2],
    ] as const) {
      const store = study([0.9, 1.9], [0.8, 1.9], [0.7, 1.9]);
      const facts = { classes: [], mean: [0], deviation: [1] };
      store.note('data', pictures === undefined ? facts : { ...facts, heldOut: pictures });
      const { session: given } = session(
        store,
        lossOf,
        Infinity,
        () => USED_UP,
        (trial) => [0.5, 0.496, 0.49][trial - 1] ?? 0,
      );
      await compareFinalists(given, null, silent);
      expect(bestFinalist(store)?.trial).toBe(best);
    }
  });

  it('each get the same part of the time, and are fewer where it is short', async () => {
    const samples = [
      [0.9, 1],
      [0.8, 1],
      [0.7, 1],
      [0.6, 1],
    ] as const;
    const long = session(study(...samples), () => 1);
    await compareFinalists(long.session, 100, silent);
    expect(long.jobs.map(({ plan }) => plan.maxSeconds)).toEqual([42.5, 42.5, 42.5, 42.5]);
    const short = session(study(...samples), () => 1);
    await compareFinalists(short.session, 20, silent);
    expect(short.jobs.map(({ trial, plan }) => [trial, plan.maxSeconds])).toEqual([
      [1, 17],
      [2, 17],
    ]);
    const none = session(study(...samples), () => 1);
    expect(await compareFinalists(none.session, 5, silent)).toBe('ended');
    expect(none.jobs).toEqual([]);
  });

  it('interrupted, only those that are missing are trained', async () => {
    const store = study([0.9, 1], [0.8, 1], [0.7, 1]);
    const first = session(store, () => 0.5, 1);
    expect(await compareFinalists(first.session, null, silent)).toBe('interrupted');
    const second = session(store, () => 0.4);
    expect(await compareFinalists(second.session, null, silent)).toBe('ended');
    expect(second.jobs.map(({ trial }) => trial)).toEqual([2, 3]);
  });

  it('must meet the target in a session of their own', async () => {
    const store = study([0.9, 1.9], [0.8, 1], [0.7, 1]);
    const { jobs, session: given } = session(
      store,
      () => 1,
      Infinity,
      (text) => (text === textOf(8) ? 2.1 : USED_UP),
    );
    await compareFinalists(given, null, silent);
    expect(jobs.map(({ trial, latency: known }) => [trial, known?.medianMs])).toEqual([
      [2, USED_UP],
      [3, USED_UP],
    ]);
  });

  it('are not compared where there is one, or none', async () => {
    for (const [store, best] of [
      [study([0.9, 1], [0.9, 3]), 1],
      [study([0.9, 3]), undefined],
    ] as const) {
      const { jobs, session: given } = session(store, () => 1);
      expect(await compareFinalists(given, null, silent)).toBe('ended');
      expect(jobs).toEqual([]);
      expect(bestFinalist(store)?.trial).toBe(best);
      expect(scalingGain(store)).toBeUndefined();
    }
  });

  it('that leave some of the target are fitted to it by their widths, trained and retrained so', async () => {
    const store = study([0.9, 1], [0.8, 1]);
    // 8 channels take 0.5 ms, 16 take 1: a target of 2 has room for half as many again.
    const { jobs, session: given } = session(
      store,
      (trial) => 3 - trial,
      Infinity,
      (text) => widthOf(text) / 16,
    );
    await compareFinalists(given, null, silent);
    expect(jobs.map(({ text, latency: known }) => [text, known?.medianMs])).toEqual([
      // With 16 it would be what the other one is.
      [textOf(8), 0.5],
      [textOf(24), 1.5],
    ]);
    expect(await chooseFinal(given, silent)).toEqual({
      ...{ kind: 'trial', trial: 2 },
      fitted: { text: textOf(24), factor: 1.5 },
    });
    expect(finalistLatency(store, 2)?.medianMs).toBe(1.5);
  });

  it('are fitted also where only one is left, and once', async () => {
    const store = study([0.9, 1]);
    const first = session(
      store,
      () => 1,
      Infinity,
      (text) => widthOf(text) / 16,
    );
    await compareFinalists(first.session, null, silent);
    const fitted = bestFinalist(store)?.fitted;
    expect(fitted?.text).toBe(textOf(16));
    const again = session(
      store,
      () => 1,
      Infinity,
      () => 0.1,
    );
    await compareFinalists(again.session, null, silent);
    expect(bestFinalist(store)?.fitted).toEqual(fitted);
  });

  it('are also those that miss the target by a little, made narrower', async () => {
    const store = study([0.3, 3], [0.9, 2.5], [0.8, 1.9]);
    const latencies = new Map([
      [8, 1.25],
      [16, 2.5],
      [24, USED_UP],
    ]);
    const { jobs, session: given } = session(
      store,
      (trial) => trial,
      Infinity,
      (text) => latencies.get(widthOf(text)) ?? 9,
    );
    await compareFinalists(given, null, silent);
    expect(jobs.map(({ trial, text }) => [trial, widthOf(text)])).toEqual([
      [2, 8],
      [3, 24],
    ]);
    expect(await chooseFinal(given, silent)).toMatchObject({ trial: 2, fitted: { text: textOf(8) } });
  });

  it('that no width brings to the target are none', async () => {
    const store = study([0.9, 2.5], [0.8, 1.9]);
    const { jobs, session: given } = session(
      store,
      () => 1,
      Infinity,
      (text) => (text === textOf(8) ? 2.5 : USED_UP),
    );
    await compareFinalists(given, null, silent);
    expect(jobs).toEqual([]);
    expect(await chooseFinal(given, silent)).toEqual({ kind: 'trial', trial: 2 });
  });

  it('that are presets are fitted by their own multiplier', async () => {
    const store = study([0.9, 1.9], [0.7, 1, scaledNote]);
    const { session: given } = session(
      store,
      () => 1,
      Infinity,
      (text) => (text === textOf(8) ? USED_UP : 1 + widthOf(text) / 100),
    );
    await compareFinalists(given, null, silent);
    expect(scalingGain(store)?.scaled).toMatch(/^mobilenet_v3_small@(0\.[6-9]|1\.)\d*$/);
  });
});
