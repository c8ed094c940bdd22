import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isNasError } from '../../src/core/index.js';
import {
  createTensorflowBackend,
  prewarm,
  tensorflowEnvironment,
  type Backend,
} from '../../src/backends/index.js';
import { loadBinding } from '../../src/backends/tensorflow/binding.js';
import { parseArchitecture } from '../../src/space/index.js';
import { plainStep, randomStep, recipeFor, sampleOf } from './samples.js';
import { directory, isSetUp, prepare, REASON } from './tensorflow.js';

const folders: string[] = [];
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nas-test-'));
  folders.push(folder);
  return folder;
}
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

describe('without a binding', () => {
  const create = (place: string) =>
    createTensorflowBackend({ directory: place, flavour: 'gpu', threads: 1, temporaryFolder: place });

  it('says that TensorFlow is missing and what to run', async () => {
    const error: unknown = await create(temporary()).catch((e: unknown) => e);
    expect(isNasError(error) && [error.code, error.fix]).toEqual([
      'NAS_TENSORFLOW_MISSING',
      'run: npx nas setup --backend tensorflow-gpu',
    ]);
  });

  it('reports the same of a binding that does not load', async () => {
    const place = temporary();
    mkdirSync(join(place, 'gpu'));
    writeFileSync(join(place, 'gpu', 'tfjs_binding.node'), 'not a library');
    const error: unknown = await create(place).catch((e: unknown) => e);
    expect(isNasError(error) && error.code).toBe('NAS_TENSORFLOW_MISSING');
    expect(isNasError(error) && error.message).toMatch(/does not load/);
  });
});

describe('tensorflowEnvironment', () => {
  it('limits threads, quietens, and hides GPUs from the CPU flavour', () => {
    expect(
      tensorflowEnvironment({ flavour: 'cpu', threads: 3, atOnce: 4, cores: 2, deterministic: true }),
    ).toMatchObject({
      TF_NUM_INTRAOP_THREADS: '3',
      TF_NUM_INTEROP_THREADS: '4',
      MALLOC_ARENA_MAX: '2',
      TF_CPP_MIN_LOG_LEVEL: '2',
      TF_DETERMINISTIC_OPS: '1',
      CUDA_VISIBLE_DEVICES: '-1',
    });
  });
});

describe.skipIf(!isSetUp)(`tensorflow in a process${isSetUp ? '' : ` (skipped: ${REASON})`}`, () => {
  const architecture = parseArchitecture('nas1:9x9x3 cn_k3_s2_c8_hs ir_k5_s1_e12_c8_se4_re gap fc_c4_id');
  const { folder, make } = isSetUp
    ? prepare(1)
    : { folder: '', make: () => Promise.reject<Backend>(new Error()) };
  if (folder !== '') folders.push(folder);

  it('frees every session and tensor and leaves no file', async () => {
    const binding = loadBinding(join(directory, 'cpu'));
    const before = [binding.getNumOfSavedModels(), binding.getNumOfTensors()];
    const backend = await make();
    prewarm(backend);
    const { network, weights, examples, rng } = sampleOf(architecture, 'free');
    const recipe = recipeFor(network, { emaDecay: 0.9 });
    const program = backend.compileTraining(network, weights, recipe, examples);
    program.step(randomStep(examples, recipe, rng));
    program.evaluate(examples, true);
    program.weights(true);
    const kept = backend.compileInference(network, weights, { batch: 1, epsilon: 1e-3 });
    kept.time(2);
    expect(binding.getNumOfTensors()).toBe(before[1]);
    expect(binding.getNumOfSavedModels()).toBe(before[0]! + 2);
    program.dispose();
    program.dispose();
    expect(() => program.weights(false)).toThrow(/after its end/);
    expect(() => backend.compileTraining(network, new Map(), recipe, examples)).toThrow(/expected/);
    await backend[Symbol.asyncDispose]();
    expect([binding.getNumOfSavedModels(), binding.getNumOfTensors()]).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not write into the arrays it is given, and keeps none of them', async () => {
    await using backend = await make();
    const { network, weights, examples } = sampleOf(architecture, 'arrays');
    const recipe = recipeFor(network, { batch: 2 });
    const copy = structuredClone({ weights, images: examples.images });
    const program = backend.compileTraining(network, weights, recipe, examples);
    const other = backend.compileTraining(network, weights, recipe, {
      ...examples,
      images: examples.images.slice(),
    });
    const step = plainStep(2);
    const first = program.step(step);
    expect({ weights, images: examples.images }).toEqual(copy);
    examples.images.fill(0);
    expect(other.step(step)).toEqual(first);
    expect(program.step(step)).toEqual(other.step(step));
  });

  it('reads pictures out of shared memory', async () => {
    await using backend = await make();
    const { network, weights, examples } = sampleOf(architecture, 'shared');
    const images = new Uint8Array(new SharedArrayBuffer(examples.images.length));
    images.set(examples.images);
    const recipe = recipeFor(network);
    const losses = [examples, { ...examples, images }].map((given) => {
      const program = backend.compileTraining(network, weights, recipe, given);
      return [program.step(plainStep(4)).loss, program.evaluate(given, false).loss];
    });
    expect(losses[1]).toEqual(losses[0]);
  });
});
