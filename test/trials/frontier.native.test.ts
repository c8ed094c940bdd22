import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  bestUnder,
  createMemoryStore,
  createStudy,
  frontier,
  trialRow,
  type LatencyRecord,
  type LatencySource,
  type NewTrial,
  type Trial,
} from '../../src/trials/index.js';
import { done, latency, newTrial, STUDY } from '../../src/testing/index.js';

interface Point {
  readonly accuracy: number;
  readonly ms: number;
  readonly kind?: NewTrial['kind'];
  readonly source?: LatencySource;
  readonly fingerprint?: string;
}

function trials(points: readonly Point[]): Trial[] {
  const store = createMemoryStore(STUDY);
  for (const [
    i,
    { accuracy, ms, kind = 'sample', source = 'measured', fingerprint = 'a' },
  ] of points.entries()) {
    store.begin([newTrial({ kind })], null);
    store.finish(i + 1, done(accuracy, ms, { latency: latency(ms, { source, fingerprint }) }), 0, null);
  }
  return [...store.trials()];
}

const ids = (list: readonly Trial[]): number[] => list.map((trial) => trial.id);

describe('bestUnder with several platforms', () => {
  it('takes what meets every target only', () => {
    const store = createMemoryStore(STUDY);
    for (const [accuracy, other] of [
      [0.9, 9],
      [0.8, 5],
      [0.7, 1],
    ] as const) {
      const { also, ...rest } = latency(other);
      void also;
      const both = latency(2, { also: [{ ...rest, platform: 'other', targetMs: 5 }] });
      const [begun] = store.begin([newTrial({})], null);
      store.finish(begun!.id, done(accuracy, 2, { latency: both }), 0, null);
    }
    expect(bestUnder(store.trials(), 2)?.id).toBe(2);
    expect(bestUnder(store.rows(), 2)?.trial).toBe(2);
    expect(bestUnder(store.rows(), 1.9)).toBeUndefined();
  });
});

describe('with several platforms, another device on one of them', () => {
  const on = (medianMs: number, fingerprint: string): LatencyRecord => {
    const { also: _also, ...rest } = latency(medianMs);
    return latency(medianMs, { also: [{ ...rest, platform: 'other', fingerprint, targetMs: 5 }] });
  };

  it('is another device: its trials compare with each other only, those of the latest by default', () => {
    const store = createMemoryStore(STUDY);
    for (const [accuracy, ms, fingerprint] of [
      [0.9, 1, 'former'],
      [0.8, 1, 'here'],
      [0.7, 0.5, 'here'],
    ] as const) {
      const [begun] = store.begin([newTrial({})], null);
      store.finish(begun!.id, done(accuracy, ms, { latency: on(ms, fingerprint) }), 0, null);
    }
    expect(store.frontier().map(({ trial }) => trial)).toEqual([3, 2]);
    expect(store.best(2)?.trial).toBe(2);
  });
});

describe('frontier', () => {
  it('keeps what nothing beats in both, fastest first, of equals the earliest', () => {
    const all = trials([
      { accuracy: 0.7, ms: 3 },
      { accuracy: 0.9, ms: 4 },
      { accuracy: 0.5, ms: 1 },
      { accuracy: 0.8, ms: 3 },
      { accuracy: 0.8, ms: 3 },
      { accuracy: 0.9, ms: 5 },
      { accuracy: 0.5, ms: 2 },
    ]);
    expect(ids(frontier(all))).toEqual([3, 4, 2]);
    expect(frontier(all.map(trialRow)).map((row) => row.trial)).toEqual([3, 4, 2]);
    expect(ids(frontier([...all].reverse()))).toEqual([3, 4, 2]);
  });

  it('keeps accuracies of the held-out part and of the test set apart, and leaves proposals out', () => {
    const all = trials([
      { accuracy: 0.7, ms: 3 },
      { accuracy: 0.99, ms: 1, kind: 'proposal' },
      { accuracy: 0.75, ms: 2, kind: 'netadapt' },
      { accuracy: 0.95, ms: 2, kind: 'retrain' },
      { accuracy: 0.8, ms: 3 },
    ]);
    expect(ids(frontier(all))).toEqual([3, 5]);
    expect(ids(frontier(all, { evaluationSplit: 'test' }))).toEqual([4]);
    expect(bestUnder(all, 3)?.id).toBe(5);
    expect(bestUnder(all, 3, { evaluationSplit: 'test' })?.id).toBe(4);
  });

  it('never compares devices, nor measured with predicted latencies', () => {
    const all = trials([
      { accuracy: 0.9, ms: 1, fingerprint: 'old' },
      { accuracy: 0.7, ms: 3 },
      { accuracy: 0.95, ms: 1, source: 'predicted' },
      { accuracy: 0.95, ms: 1, source: 'table' },
    ]);
    expect(ids(frontier(all))).toEqual([2]);
    expect(ids(frontier(all, { fingerprint: 'old' }))).toEqual([1]);
    expect(bestUnder(all, 5)?.id).toBe(2);
    expect(bestUnder(all, 2)).toBeUndefined();
  });

  it('is empty without done trials', () => {
    const store = createMemoryStore(STUDY);
    store.begin([newTrial(), newTrial()], null);
    store.finish(2, { state: 'infeasible', reason: 'slow', latency: latency(9), seconds: 1 }, 0, null);
    expect(frontier(store.trials())).toEqual([]);
    expect(bestUnder(store.trials(), 99)).toBeUndefined();
  });

  const point = fc.record({ accuracy: fc.integer({ min: 0, max: 8 }), ms: fc.integer({ min: 1, max: 8 }) });
  it('dominates every other trial, holds none that is dominated, and has the best under any target', () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 25 }), (points) => {
        const all = trials(points.map(({ accuracy, ms }) => ({ accuracy: accuracy / 8, ms })));
        const rows = all.map(trialRow);
        const front = frontier(rows);
        for (const row of rows) {
          const better = front.filter(
            (other) => other.accuracy! >= row.accuracy! && other.latencyMs! <= row.latencyMs!,
          );
          expect(better.length).toBeGreaterThan(0);
          const strictly = rows.some(
            (other) =>
              other.accuracy! >= row.accuracy! &&
              other.latencyMs! <= row.latencyMs! &&
              (other.accuracy! > row.accuracy! || other.latencyMs! < row.latencyMs!),
          );
          if (strictly) expect(front).not.toContain(row);
        }
        for (let target = 0; target <= 8; target++)
          expect(bestUnder(rows, target)).toEqual(bestUnder(front, target));
      }),
      { numRuns: 100 },
    );
  });
});

describe('a store', () => {
  const root = mkdtempSync(join(tmpdir(), 'nas-frontier-'));
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  it('finds the same frontier and the same best as the functions over its rows', () => {
    const point = fc.record({
      accuracy: fc.constantFrom(0, 0.1, 0.2, 0.5, 0.9, 1),
      ms: fc.constantFrom(0.1, 0.3, 1, 2, 3, 7),
      kind: fc.constantFrom('sample' as const, 'netadapt' as const, 'proposal' as const, 'retrain' as const),
      source: fc.constantFrom(
        'measured' as const,
        'measured' as const,
        'table' as const,
        'predicted' as const,
      ),
      fingerprint: fc.constantFrom('a', 'a', 'b'),
      also: fc.option(
        fc.record({
          medianMs: fc.constantFrom(0.3, 1, 3),
          targetMs: fc.constantFrom(0.3, 1, 3, 7),
          fingerprint: fc.constantFrom('x', 'x', 'y'),
        }),
      ),
      done: fc.boolean(),
    });
    let [count, points, bests] = [0, 0, 0];
    fc.assert(
      fc.property(
        fc.array(point, { maxLength: 30 }),
        fc.constantFrom(0.1, 0.3, 1, 2, 7, Infinity),
        (all, target) => {
          using store = createStudy(join(root, String(++count)), STUDY);
          for (const [i, { accuracy, ms, kind, source, fingerprint, also, done: isDone }] of all.entries()) {
            store.begin([newTrial({ kind })], null);
            const { also: _also, ...rest } = latency(ms, { source, fingerprint });
            const record =
              also === null ? rest : { ...rest, also: [{ ...rest, platform: 'other', ...also }] };
            if (isDone)
              store.finish(i + 1, done(accuracy, ms, { latency: record as LatencyRecord }), 0, null);
          }
          for (const evaluationSplit of ['validation', 'test'] as const)
            for (const fingerprint of [undefined, 'a', 'b', 'c']) {
              const options = { evaluationSplit, ...(fingerprint === undefined ? {} : { fingerprint }) };
              const front = frontier(store.rows(), options);
              expect(store.frontier(options)).toEqual(front);
              points += front.length;
              const best = bestUnder(store.rows(), target, options);
              expect(store.best(target, options)).toEqual(best);
              bests += best === undefined ? 0 : 1;
            }
        },
      ),
      { numRuns: 40 },
    );
    expect(points).toBeGreaterThan(0);
    expect(bests).toBeGreaterThan(0);
  });
});
