import { describe, expect, it } from 'vitest';
import { createReferenceBackend, type Backend } from '../../src/backends/index.js';
import { createRng } from '../../src/core/index.js';
import { buildNetwork, initialWeights, type Network } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import {
  paperRecipe,
  quickRecipe,
  trainCandidate,
  type Recipe,
  type SavedTraining,
  type TrainOptions,
  type TrainResult,
} from '../../src/train/index.js';
import { decodeTrainingState, encodeTrainingState } from '../../src/pool/worker/state-file.js';
import type { TrainingPlan } from '../../src/trials/index.js';
import { fakeBackend, fakeNetwork, fakeWeights } from './fake-backend.js';
import { fakeData, fakeExamples } from './fake-data.js';

const plan: TrainingPlan = {
  epochs: 3,
  maxSteps: null,
  learningRate: 0.1,
  schedule: 'cosine',
  warmupEpochs: 0.5,
};
const data = fakeData(20);
const OF = { text: 'nas1:…', seed: '1/trial/7', plan: { epochs: 3 } };

interface Parts {
  readonly backend: Backend;
  readonly network: Network;
  readonly weights: TrainOptions['weights'];
  readonly recipe: Recipe;
}

/** Options of a training whose clock takes 5 ms a look. */
function optionsOf(parts: Parts, change: Partial<TrainOptions> = {}): TrainOptions {
  let time = 0;
  return {
    ...parts,
    data,
    plan,
    evaluationSplit: 'validation',
    rng: createRng('1/trial/7'),
    clock: () => (time += 5),
    test: () => Promise.resolve(fakeExamples(50, 'test')),
    ...change,
  };
}

/** Stops a training after the given number of steps and gives what it kept, out of and into a file. */
async function interrupted(options: TrainOptions, steps: number): Promise<SavedTraining> {
  let done = 0;
  let kept: SavedTraining | undefined;
  const { compileTraining } = options.backend;
  const result = await trainCandidate({
    ...options,
    backend: {
      ...options.backend,
      compileTraining(...given) {
        const program = compileTraining(...given);
        return { ...program, step: (input) => (done++, program.step(input)) };
      },
    },
    stopped: () => done >= steps,
    keep: (saved) => {
      kept = saved;
      return Promise.resolve();
    },
  });
  expect(result.state).toBe('stopped');
  if (kept === undefined) throw new Error('nothing was kept');
  const bytes = encodeTrainingState(options.network, kept, OF);
  const read = decodeTrainingState(bytes, options.network, options.recipe, OF);
  if ('problem' in read) throw new Error(read.problem);
  expect(read).toEqual(kept);
  return read;
}

/** All of a result but how long it took. */
function lasting(result: TrainResult) {
  const { seconds, curve, ...rest } = result;
  expect(seconds).toBeGreaterThan(0);
  return { ...rest, curve: curve.map(({ seconds: _, ...point }) => point) };
}

const fakeParts = (): Parts => ({
  backend: fakeBackend().backend,
  network: fakeNetwork(2, data.shape),
  weights: fakeWeights(2),
  recipe: { ...quickRecipe, batch: 8, pad: 2, emaDecay: 0.9 },
});

describe('a training that was interrupted', () => {
  it.each([1, 2, 3, 4, 5, 7, 8, 11])(
    'after step %i of 12 ends as if it had not been, on the fake backend',
    async (steps) => {
      const whole = await trainCandidate(optionsOf(fakeParts()));
      const saved = await interrupted(optionsOf(fakeParts()), steps);
      expect(saved).toMatchObject({ step: steps, steps: 12 });
      const resumed = await trainCandidate(optionsOf(fakeParts(), { saved }));
      expect(lasting(resumed)).toEqual(lasting(whole));
    },
  );

  it.each([
    ['momentum with an average', { ...quickRecipe, batch: 8, pad: 1 }],
    ['rmsprop with dropout', { ...paperRecipe, batch: 8, pad: 1 }],
  ] as const)(
    'has the same weights bit for bit on the reference backend, also after two interruptions: %s',
    async (_, recipe) => {
      const [height, width, channels] = data.shape;
      const text = `nas1:${height}x${width}x${channels} cn_k3_s2_c4_hs ir_k3_s1_e8_c4_se4_re gap fc_c2_id`;
      const network = buildNetwork(parseArchitecture(text));
      await using backend = await createReferenceBackend();
      const parts = { backend, network, weights: initialWeights(network, createRng('w')), recipe };
      const change = {
        evaluationSplit: 'test',
        plan: { ...plan, epochs: 2, schedule: 'exponential' },
      } as const;
      const whole = await trainCandidate(optionsOf(parts, change));
      const first = await interrupted(optionsOf(parts, change), 3);
      const second = await interrupted(optionsOf(parts, { ...change, saved: first }), 4);
      expect(second).toMatchObject({ step: 7, steps: 10 });
      const resumed = await trainCandidate(optionsOf(parts, { ...change, saved: second }));
      expect(lasting(resumed)).toEqual(lasting(whole));
    },
    30_000,
  );

  it('during the evaluation trains no step again', async () => {
    const parts = fakeParts();
    const whole = await trainCandidate(optionsOf(fakeParts()));
    const saved = await interrupted(optionsOf(parts), 12);
    expect(saved).toMatchObject({ step: 12, steps: 12 });
    const { backend, log } = fakeBackend();
    const resumed = await trainCandidate(optionsOf({ ...parts, backend }, { saved }));
    expect(log.steps).toHaveLength(0);
    expect(lasting(resumed)).toEqual(lasting(whole));
  });

  it('while an epoch was evaluated has the curve and the weights of one that was not', async () => {
    const change = { evaluate: 'epochs' } as const;
    const whole = await trainCandidate(optionsOf(fakeParts(), change));
    expect(whole.curve.map(({ accuracy }) => typeof accuracy)).toEqual(['number', 'number', 'number']);
    const saved = await interrupted(optionsOf(fakeParts(), change), 4);
    expect(saved).toMatchObject({ step: 4, steps: 12, curve: [] });
    const resumed = await trainCandidate(optionsOf(fakeParts(), { ...change, saved }));
    expect(lasting(resumed)).toEqual(lasting(whole));
  });

  it('again and again, in epochs, between them, while one is evaluated and at the end, has the same weights', async () => {
    const recipe = { ...paperRecipe, batch: 8, pad: 1 };
    const text = 'nas1:2x2x1 cn_k3_s2_c4_hs ir_k3_s1_e8_c4_se4_re gap fc_c2_id';
    const network = buildNetwork(parseArchitecture(text));
    await using backend = await createReferenceBackend();
    const parts = { backend, network, weights: initialWeights(network, createRng('w')), recipe };
    const change = { evaluate: 'epochs' } as const;
    const whole = await trainCandidate(optionsOf(parts, change));
    let saved: SavedTraining | undefined;
    // Of 3 epochs of 4 steps: within the first, while it is evaluated, behind that, in the last, while all is evaluated.
    for (const at of [2, 4, 5, 8, 9, 11, 12]) {
      const before: number = saved?.step ?? 0;
      saved = await interrupted(optionsOf(parts, { ...change, ...(saved && { saved }) }), at - before);
      expect(saved.step).toBe(at);
    }
    const resumed = await trainCandidate(optionsOf(parts, { ...change, ...(saved && { saved }) }));
    expect(lasting(resumed)).toEqual(lasting(whole));
  }, 60_000);

  it('says where it resumes, and from there how much is done', async () => {
    const saved = await interrupted(optionsOf(fakeParts()), 6);
    const notes: [number, string | undefined][] = [];
    const onProgress: TrainOptions['onProgress'] = ({ done, note }) => notes.push([done, note]);
    await trainCandidate(optionsOf(fakeParts(), { saved, onProgress }));
    expect(notes.filter(([, note]) => note !== undefined)).toEqual([[0.5, 'resuming at step 6 of 12']]);
  });

  it('keeps its state from time to time, under the timing lock, and not while none is due', async () => {
    const kept: number[] = [];
    let inside = 0;
    await trainCandidate(
      optionsOf(fakeParts(), {
        plan: { ...plan, epochs: 12 },
        timingLock: { enter: () => void inside++, leave: () => void inside-- },
        keepEveryMs: 60,
        keep: ({ step }) => {
          expect(inside).toBe(1);
          kept.push(step);
          return Promise.resolve();
        },
      }),
    );
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.length).toBeLessThan(40);
    expect(kept).toEqual([...new Set(kept)]);
    const never: number[] = [];
    const keep = ({ step }: SavedTraining) => Promise.resolve(void never.push(step));
    await trainCandidate(optionsOf(fakeParts(), { keep }));
    expect(never).toEqual([]);
  });
});

describe('a training within a time', () => {
  const timed: TrainingPlan = { ...plan, epochs: 100, maxSeconds: 2 };

  it('counts the seconds of earlier attempts', async () => {
    const saved = await interrupted(optionsOf(fakeParts(), { plan: timed }), 20);
    expect(saved.seconds).toBeGreaterThan(0.2);
    const once = await trainCandidate(optionsOf(fakeParts(), { plan: timed }));
    const resumed = await trainCandidate(optionsOf(fakeParts(), { plan: timed, saved }));
    expect(resumed.seconds).toBeGreaterThan(1.5);
    expect(resumed.seconds).toBeLessThan(2.1);
    expect(resumed.steps).toBeLessThan(once.steps + 10);
  });

  it('stays with the steps that its pace allowed', async () => {
    const saved = await interrupted(optionsOf(fakeParts(), { plan: timed }), 40);
    expect(saved).toMatchObject({ step: 40, paced: true, maxSeconds: 2 });
    expect(saved.steps).toBeLessThan(400);
    const resumed = await trainCandidate(optionsOf(fakeParts(), { plan: timed, saved }));
    expect(resumed).toMatchObject({ state: 'done', steps: saved.steps });
  });

  it('uses up its time where it is to fill it, also past its epochs, and where an epoch is one step', async () => {
    const filled: TrainingPlan = { ...plan, epochs: 1, maxSeconds: 2, fillTime: true };
    const short = await trainCandidate(optionsOf(fakeParts(), { plan: { ...plan, epochs: 1 } }));
    const long = await trainCandidate(optionsOf(fakeParts(), { plan: filled }));
    expect(long.steps).toBeGreaterThan(3 * short.steps);
    expect(long.seconds).toBeGreaterThan(1.8);
    expect(long.seconds).toBeLessThan(2.2);
    const few = { ...data, split: { ...data.split, train: data.split.train.slice(0, 8) } };
    const tiny = await trainCandidate(optionsOf(fakeParts(), { plan: filled, data: few }));
    expect(tiny.seconds).toBeGreaterThan(1.8);
  });

  it('resumes a filled time with the steps that its pace allowed', async () => {
    const filled: TrainingPlan = { ...plan, epochs: 1, maxSeconds: 2, fillTime: true };
    const saved = await interrupted(optionsOf(fakeParts(), { plan: filled }), 50);
    expect(saved.steps).toBeGreaterThan(60);
    const resumed = await trainCandidate(optionsOf(fakeParts(), { plan: filled, saved }));
    expect(resumed).toMatchObject({ state: 'done', steps: saved.steps });
  });

  it('takes its pace again where another time is given now', async () => {
    const saved = await interrupted(optionsOf(fakeParts(), { plan: timed }), 40);
    const longer = { ...timed, maxSeconds: 4 };
    const resumed = await trainCandidate(optionsOf(fakeParts(), { plan: longer, saved }));
    expect(resumed.steps).toBeGreaterThan(1.5 * saved.steps);
    expect(resumed.seconds).toBeLessThan(4.3);
  });
});

describe('a state file', () => {
  const read = (bytes: Uint8Array, of: Parameters<typeof encodeTrainingState>[2] = OF, parts = fakeParts()) =>
    decodeTrainingState(bytes, parts.network, parts.recipe, of);
  const written = async () => {
    const parts = fakeParts();
    return encodeTrainingState(parts.network, await interrupted(optionsOf(parts), 5), OF);
  };

  it('of another architecture, seed or plan is not resumed', async () => {
    const bytes = await written();
    expect(read(bytes, { ...OF, text: 'nas1:other' })).toEqual({ problem: 'it belongs to another text' });
    expect(read(bytes, { ...OF, seed: '2' })).toEqual({ problem: 'it belongs to another seed' });
    expect(read(bytes, { ...OF, plan: { epochs: 4 } })).toEqual({ problem: 'it belongs to another plan' });
    expect(read(bytes, { ...OF, evaluationSplit: 'test' })).toEqual({
      problem: 'it belongs to another evaluation split',
    });
  });

  it('of another recipe or network is not resumed, though it were said to belong there', async () => {
    const bytes = await written();
    const parts = fakeParts();
    const plain = { ...parts, recipe: { ...parts.recipe, emaDecay: null } };
    expect(read(bytes, OF, plain)).toEqual({ problem: 'it has numbers of another network' });
    const wider = { ...parts, network: fakeNetwork(3, data.shape) };
    expect(read(bytes, OF, wider)).toEqual({ problem: 'weights of 0.dense.kernel is missing' });
  });

  it('that is damaged anywhere, or cut, or is no such file, is not resumed and throws nothing', async () => {
    const bytes = await written();
    for (let at = 0; at < bytes.length; at += 13) {
      const bad = bytes.slice();
      bad[at]! ^= 0x10;
      // Spaces that fill the header up hold nothing.
      expect(read(bad)).toHaveProperty('problem');
    }
    for (const length of [0, 7, 8, 100, bytes.length - 4, bytes.length - 1])
      expect(read(bytes.subarray(0, length))).toHaveProperty('problem');
    expect(read(new TextEncoder().encode('something else'))).toHaveProperty('problem');
  });
});
