import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import type { DataSet } from '../../src/data/index.js';
import {
  evaluateWeights,
  quickRecipe,
  trainCandidate,
  type Recipe,
  type TrainOptions,
  type TrainProgress,
} from '../../src/train/index.js';
import type { TrainingPlan } from '../../src/trials/index.js';
import { fakeBackend, fakeNetwork, fakeWeights, type FakeOptions } from './fake-backend.js';
import { fakeData, fakeExamples } from './fake-data.js';

const recipe: Recipe = { ...quickRecipe, batch: 8, pad: 2, emaDecay: null };
const plan: TrainingPlan = {
  epochs: 3,
  maxSteps: null,
  learningRate: 0.5,
  schedule: 'cosine',
  warmupEpochs: 0,
};

function setUp(fake: FakeOptions = {}, change: Partial<TrainOptions> = {}, data: DataSet = fakeData(20)) {
  const { backend, log } = fakeBackend(fake);
  let time = 0;
  const options: TrainOptions = {
    backend,
    network: fakeNetwork(2, data.shape),
    weights: fakeWeights(2),
    data,
    recipe,
    plan,
    evaluationSplit: 'validation',
    rng: createRng('1/trial/7'),
    clock: () => (time += 5),
    test: () => Promise.reject(new Error('the test set was touched')),
    ...change,
  };
  return { options, log, data, run: () => trainCandidate(options) };
}

describe('order', () => {
  it('shows each training row at most once an epoch, in a new order each time, and never a held-out one', async () => {
    const { run, log, data } = setUp();
    await run();
    expect(log.steps).toHaveLength(3 * 4); // 36 rows in batches of 8
    const epochs = [0, 1, 2].map((e) =>
      log.steps.slice(4 * e, 4 * e + 4).flatMap((s) => Array.from(s.indices)),
    );
    for (const rows of epochs) {
      expect(new Set(rows).size).toBe(32);
      for (const row of rows) expect(data.split.train).toContain(row);
    }
    expect(epochs[0]).not.toEqual(epochs[1]);
    expect(epochs[1]).not.toEqual(epochs[2]);
  });

  it('draws crops of the whole frame, flips and seeds', async () => {
    const { run, log } = setUp();
    await run();
    const corners = new Set(log.steps.flatMap((s) => [...s.top, ...s.left]));
    expect([...corners].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(log.steps.flatMap((s) => [...s.flip]))).toEqual(new Set([0, 1]));
    expect(new Set(log.steps.map((s) => s.seed.join())).size).toBe(log.steps.length);
  });

  it('mirrors nothing where the recipe or the data forbid it', async () => {
    const forbidden = [
      setUp({}, { recipe: { ...recipe, flip: false } }),
      setUp({}, {}, { ...fakeData(20), flip: false }),
    ];
    for (const { run, log } of forbidden) {
      await run();
      expect(log.steps.every((s) => s.flip.every((flip) => flip === 0))).toBe(true);
    }
  });

  it('sets the schedule’s rate for each step', async () => {
    const { run, log } = setUp();
    await run();
    const rates = log.steps.map((s) => s.learningRate);
    expect(rates[0]).toBe(0.5);
    expect(rates[6]).toBeCloseTo(0.25, 12);
    expect(rates).toEqual([...rates].sort((a, b) => b - a));
  });
});

describe('reproducibility', () => {
  const weightsOf = async (change: Partial<TrainOptions>) => {
    const result = await setUp({}, change).run();
    if (result.state !== 'done') throw new Error(result.state);
    return result.weights;
  };

  it('gives the same weights for the same stream, regardless of what was drawn from it before', async () => {
    const used = createRng('1/trial/7');
    used.uniform();
    expect(await weightsOf({ rng: used })).toEqual(await weightsOf({}));
  });

  it('gives others for another stream', async () => {
    expect(await weightsOf({ rng: createRng('1/trial/8') })).not.toEqual(await weightsOf({}));
  });

  it('does not depend on when it is evaluated', async () => {
    expect(await weightsOf({ evaluate: 'epochs' })).toEqual(await weightsOf({}));
  });
});

describe('evaluation', () => {
  it('learns, and evaluates the held-out rows only', async () => {
    const { run, log, data } = setUp();
    const result = await run();
    if (result.state !== 'done') throw new Error(result.state);
    expect(result.accuracy).toBe(1);
    expect(result.steps).toBe(12);
    expect(result.curve.map((point) => point.epoch)).toEqual([1, 2, 3]);
    expect(result.curve.map((point) => point.accuracy)).toEqual([null, null, 1]);
    const held = Array.from(data.split.validation, (row) => data.training.labels[row]);
    expect(log.evaluated.map((e) => e.labels)).toEqual([held]);
    expect(log.disposed).toBe(1);
  });

  it('evaluates after each epoch when asked', async () => {
    const result = await setUp({}, { evaluate: 'epochs' }).run();
    expect(result.curve.every((point) => point.accuracy !== null)).toBe(true);
  });

  it('trains on every row and evaluates on the test set, read once at the end, when asked', async () => {
    const reads: number[] = [];
    const set = setUp({}, { evaluationSplit: 'test', plan: { ...plan, epochs: 20 }, evaluate: 'epochs' });
    const result = await trainCandidate({
      ...set.options,
      test: () => {
        reads.push(set.log.steps.length);
        return Promise.resolve(fakeExamples(50, 'test'));
      },
    });
    expect(reads).toEqual([100]);
    const seen = new Set(set.log.steps.flatMap((s) => Array.from(s.indices)));
    expect(seen.size).toBe(40);
    expect(set.log.evaluated.map((e) => e.count)).toEqual([100]);
    expect(result.state === 'done' && result.accuracy).toBe(1);
    expect(result.curve.every((point) => point.accuracy === null)).toBe(true);
  });

  it.each(['validation', 'test'] as const)(
    'evaluates and returns the average where there is one (%s)',
    async (evaluationSplit) => {
      const { run, log } = setUp(
        { correct: (count, ema) => (ema ? count / 2 : count) },
        {
          recipe: { ...recipe, emaDecay: 0.9 },
          evaluationSplit,
          test: () => Promise.resolve(fakeExamples(4, 'test')),
        },
      );
      expect(await run()).toMatchObject({ state: 'done', ema: true, accuracy: 0.5 });
      expect(log.evaluated.map((e) => e.ema)).toEqual([true]);
    },
  );

  it('evaluates stored weights as the training did', async () => {
    const { run, options, data } = setUp();
    const result = await run();
    if (result.state !== 'done') throw new Error(result.state);
    const evaluated = evaluateWeights({
      backend: options.backend,
      network: options.network,
      weights: result.weights,
      examples: fakeExamples(25, 'other'),
      mean: data.mean,
      deviation: data.deviation,
      epsilon: 1e-3,
      batch: 8,
    });
    expect(evaluated).toMatchObject({ correct: 50, count: 50, accuracy: 1 });
    expect(evaluated.loss).toBeGreaterThan(0);
    expect(evaluated.loss).toBeLessThan(Math.log(2));
  });
});

describe('ends that are no accuracy', () => {
  it('stops between two steps when asked', async () => {
    const set = setUp();
    const result = await trainCandidate({ ...set.options, stopped: () => set.log.steps.length >= 6 });
    expect(result).toMatchObject({ state: 'stopped', steps: 6 });
    expect(result.curve).toHaveLength(1);
    expect(set.log.disposed).toBe(1);
    expect(set.log.evaluated).toHaveLength(0);
  });

  it('compiles nothing when it was stopped before it began', async () => {
    const { run, log } = setUp({}, { stopped: () => true });
    expect(await run()).toMatchObject({ state: 'stopped', steps: 0 });
    expect(log.recipes).toHaveLength(0);
  });

  it('hears a message that arrives while it trains', async () => {
    let stop = false;
    setImmediate(() => (stop = true));
    const result = await setUp({}, { plan: { ...plan, epochs: 1000 }, stopped: () => stop }).run();
    expect(result.state).toBe('stopped');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('reports a loss of %s as divergence', async (bad) => {
    const { run, log } = setUp({ loss: (step) => (step === 5 ? bad : 1) });
    const result = await run();
    expect(result).toMatchObject({ state: 'diverged', steps: 6 });
    expect(result.state === 'diverged' && result.reason).toMatch(/step 6 of 12/);
    expect(log.disposed).toBe(1);
  });

  it('refuses a batch that the training part cannot fill', async () => {
    await expect(setUp({}, { recipe: { ...recipe, batch: 64 } }).run()).rejects.toMatchObject({
      code: 'NAS_BATCH_TOO_LARGE',
    });
  });
});

describe('neighbours', () => {
  it('holds the timing lock during each step and evaluation, and not otherwise, also when a step throws', async () => {
    let depth = 0;
    let entered = 0;
    const timingLock = {
      enter() {
        depth++;
        entered++;
      },
      leave() {
        depth--;
      },
    };
    const inside: number[] = [];
    const { run } = setUp(
      { loss: () => (inside.push(depth), 1) },
      { timingLock, stopped: () => depth !== 0 },
    );
    expect((await run()).state).toBe('done');
    expect(new Set(inside)).toEqual(new Set([1]));
    expect(entered).toBe(1 + 12 + 1);
    expect(depth).toBe(0);

    const failing = setUp({ loss: () => raise() }, { timingLock });
    await expect(failing.run()).rejects.toThrow('out of memory');
    expect(depth).toBe(0);
    expect(failing.log.disposed).toBe(1);
  });

  it('reports its phases and a share that only grows', async () => {
    const seen: TrainProgress[] = [];
    await setUp({}, { onProgress: (progress) => seen.push(progress), evaluate: 'epochs' }).run();
    expect([...new Set(seen.map((p) => p.phase))]).toEqual(['compiling', 'training', 'evaluating']);
    const shares = seen.map((p) => p.done);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
  });
});

function raise(): never {
  throw new Error('out of memory');
}
