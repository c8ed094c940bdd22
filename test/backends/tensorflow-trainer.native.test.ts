import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { StepRecipe } from '../../src/backends/index.js';
import { loadBinding, type Binding } from '../../src/backends/tensorflow/binding.js';
import { createTrainer, type Trainer } from '../../src/backends/tensorflow/trainer.js';
import { createRng } from '../../src/core/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import type { Trainable } from '../contract/backend-step.js';
import { plainStep, randomStep, recipeFor, sampleArchitectures, sampleOf } from './samples.js';
import { directory, isSetUp, prepare, REASON } from './tensorflow.js';

const text = 'nas1:9x9x3 cn_k3_s2_c8_hs ds_k3_s1_c8_se4sig_r6_skippool ir_k3_s1_e12_c8_se4_re gap fc_c4_id';
const sample = sampleOf(parseArchitecture(text), 'calls');
const { network, weights, examples } = sample;
const recipe = recipeFor(network, { emaDecay: 0.5, pad: 1 });

describe.skipIf(!isSetUp)(`a graph that is used again${isSetUp ? '' : ` (skipped: ${REASON})`}`, () => {
  const { folder } = isSetUp ? prepare(1) : { folder: '' };
  afterAll(() => (folder === '' ? undefined : rmSync(folder, { recursive: true, force: true })));
  const binding = isSetUp ? loadBinding(join(directory, 'cpu')) : undefined;

  /** The binding with a count of what was loaded. */
  function counting(): { readonly counted: Binding; loads(): number } {
    let loads = 0;
    const loadSavedModel: Binding['loadSavedModel'] = (place, tags) => {
      loads++;
      return binding!.loadSavedModel(place, tags);
    };
    const counted = Object.create(binding!, { loadSavedModel: { value: loadSavedModel } }) as Binding;
    return { counted, loads: () => loads };
  }

  /** Trains three steps and evaluates; all that can be read of a program. */
  function run(trainer: Trainer, given: Trainable, own: StepRecipe) {
    const program = trainer.compile(given.network, given.weights, own, given.examples);
    const rng = createRng('again');
    const steps = [1, 2, 3].map(() => program.step(randomStep(given.examples, own, rng)));
    const result = [
      steps,
      program.evaluate(given.examples, true),
      program.evaluate(given.examples, false),
      program.weights(true),
      program.weights(false),
    ];
    program.dispose();
    return result;
  }

  it.each([
    { kind: 'momentum', momentum: 0.9 },
    { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
  ] as const)('gives bit for bit what a new one gives ($kind)', (optimiser) => {
    const own = recipeFor(network, { optimiser, emaDecay: 0.5, pad: 1, dropout: 0.2, weightDecay: 0.01 });
    const others = sampleOf(parseArchitecture(text), 'other pictures and weights');
    const fresh = [sample, others].map((given) => {
      const trainer = createTrainer(binding!, folder);
      const result = run(trainer, given, own);
      trainer.dispose();
      return result;
    });
    expect(fresh[0]).not.toEqual(fresh[1]);
    const { counted, loads } = counting();
    const trainer = createTrainer(counted, folder);
    try {
      const again = [others, sample, others, sample].map((given) => run(trainer, given, own));
      expect(again).toEqual([fresh[1], fresh[0], fresh[1], fresh[0]]);
      expect(loads()).toBe(1);
    } finally {
      trainer.dispose();
    }
  });

  it('is not used for another network, recipe or number of pictures; one is kept at most, and no example', () => {
    const before = [binding!.getNumOfSavedModels(), binding!.getNumOfTensors()];
    const { counted, loads } = counting();
    const trainer = createTrainer(counted, folder);
    const models = () => binding!.getNumOfSavedModels() - before[0]!;
    const fewer = {
      ...examples,
      count: 9,
      images: examples.images.slice(0, 9 * 243),
      labels: examples.labels.slice(0, 9),
    };
    const wider = sampleOf(parseArchitecture(text.replace('e12', 'e16')), 'wider');
    run(trainer, sample, recipe);
    run(trainer, sample, { ...recipe, batch: 3 });
    run(trainer, sample, { ...recipe, weightDecay: 0.1 });
    run(trainer, { ...sample, examples: fewer }, recipe);
    run(trainer, wider, recipe);
    expect(loads()).toBe(5);
    expect(models()).toBe(1);

    // Two concurrently: each has its own graph, and the one that ends last is kept.
    const [one, two] = [1, 2].map(() => trainer.compile(network, weights, recipe, examples));
    expect(models()).toBe(2);
    const step = plainStep(recipe.batch);
    expect(one!.step(step)).toEqual(two!.step(step));
    one!.dispose();
    two!.dispose();
    two!.dispose();
    expect(models()).toBe(1);
    expect(() => one!.step(step)).toThrow(/after its end/);
    const third = trainer.compile(network, weights, recipe, examples);
    expect(loads()).toBe(7);
    expect(() => one!.weights(false)).toThrow(/after its end/);
    third.dispose();
    trainer.dispose();
    expect([binding!.getNumOfSavedModels(), binding!.getNumOfTensors()]).toEqual(before);
  });

  it('is not used again after a call of it failed', () => {
    const before = binding!.getNumOfSavedModels();
    const trainer = createTrainer(binding!, folder);
    const program = trainer.compile(network, weights, recipe, examples);
    const outside = plainStep(recipe.batch, { indices: new Int32Array(recipe.batch).fill(examples.count) });
    expect(() => program.step(outside)).toThrow(/fail to run/);
    program.dispose();
    expect(binding!.getNumOfSavedModels()).toBe(before);
    trainer.dispose();
  });

  it('leaves nothing behind after many of them', async () => {
    const before = [binding!.getNumOfSavedModels(), binding!.getNumOfTensors()];
    const { folder: place, make } = prepare(1);
    const backend = await make();
    for (const [index, architecture] of sampleArchitectures(10).entries()) {
      const own = sampleOf(architecture, `many ${index}`);
      const given = recipeFor(own.network, { emaDecay: 0.5 });
      const program = backend.compileTraining(own.network, own.weights, given, own.examples);
      program.step(randomStep(own.examples, given, own.rng));
      program.evaluate(own.examples, true);
      const inference = backend.compileInference(own.network, own.weights, { batch: 1, epsilon: 1e-3 });
      inference.time(1);
      inference.dispose();
      program.dispose();
      expect(binding!.getNumOfSavedModels()).toBeLessThanOrEqual(before[0]! + 1);
      expect(binding!.getNumOfTensors()).toBe(before[1]);
    }
    await backend[Symbol.asyncDispose]();
    expect([binding!.getNumOfSavedModels(), binding!.getNumOfTensors()]).toEqual(before);
    expect(readdirSync(place)).toEqual([]);
    rmSync(place, { recursive: true });
  });
});
