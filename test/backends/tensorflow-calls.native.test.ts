import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadBinding } from '../../src/backends/tensorflow/binding.js';
import { openFunctions, openWhole } from '../../src/backends/tensorflow/calls.js';
import { asFunctions } from '../../src/backends/tensorflow/graph/functions.js';
import { outputName } from '../../src/backends/tensorflow/graph/outputs.js';
import { evaluatedAtOnce, stepWords } from '../../src/backends/tensorflow/step/input.js';
import { buildStepGraph } from '../../src/backends/tensorflow/step/step-graph.js';
import { pack, sectionsOf } from '../../src/backends/tensorflow/step/vectors.js';
import { parseArchitecture } from '../../src/space/index.js';
import { distance, recipeFor, sampleOf } from './samples.js';
import { directory, isSetUp, prepare, REASON } from './tensorflow.js';

const text = 'nas1:9x9x3 cn_k3_s2_c8_hs ds_k3_s1_c8_se4sig_r6_skippool ir_k3_s1_e12_c8_se4_re gap fc_c4_id';
const { network, weights, examples } = sampleOf(parseArchitecture(text), 'calls');
const recipe = recipeFor(network, { emaDecay: 0.5, pad: 1 });
const graph = buildStepGraph(network, recipe, examples);
/** As on a card: evaluated in one part. */
const whole = buildStepGraph(network, recipe, examples, 'gpu');

describe('a graph as functions', () => {
  it('has three nodes, so that TensorFlow does not optimise all of it for each fetch', () => {
    const { nodes, library = [] } = asFunctions(graph.nodes, graph.entries);
    expect(nodes.map(({ op }) => op)).toEqual(['Unstage', 'DeepCopy', 'Case']);
    expect(library).toHaveLength(3 * graph.entries.length);
  });

  it('holds in each body what the entry needs and nothing else', () => {
    const { library = [] } = asFunctions(graph.nodes, graph.entries);
    const bodyOf = (name: string) => library.find((f) => f.signature.name === `body.${name}`)!;
    const ops = (name: string) => new Set(bodyOf(name).nodeDef.map(({ op }) => op));
    expect(ops('logits')).not.toContain('FusedBatchNormGradV3');
    expect(ops('step')).toContain('FusedBatchNormGradV3');
    expect(bodyOf('step').signature.inputArg.map(({ name }) => name)).toEqual(['words']);
    expect(bodyOf('weights').nodeDef.length).toBeLessThan(10);
    for (const { nodeDef, signature } of library) {
      const known = new Set([...nodeDef, ...signature.inputArg].map(({ name }) => name));
      for (const { input } of nodeDef)
        for (const read of input) expect(known).toContain(read.replace('^', '').split(':')[0]);
    }
  });

  it('knows no operation by guessing', () => {
    expect(outputName('SplitV', 3)).toBe('output:3');
    expect(outputName('FusedBatchNormV3', 2)).toBe('batch_variance:0');
    expect(() => outputName('Sin', 0)).toThrow(/Sin/);
  });
});

describe.skipIf(!isSetUp)(`calls${isSetUp ? '' : ` (skipped: ${REASON})`}`, () => {
  const { folder } = isSetUp ? prepare(1) : { folder: '' };
  afterAll(() => (folder === '' ? undefined : rmSync(folder, { recursive: true, force: true })));

  it('give by functions what the whole graph gives', () => {
    const binding = loadBinding(join(directory, 'cpu'));
    const before = [binding.getNumOfSavedModels(), binding.getNumOfTensors()];
    const { kernels, others, statistics } = sectionsOf(network);
    const words = new Int32Array(stepWords(recipe.batch)).fill(1);
    new Float32Array(words.buffer).set([0.05, 0.5], 4 * recipe.batch + 2);
    // An odd address: what is fed need not lie on a word.
    const bytes = new Uint8Array(examples.images.length + 1).subarray(1);
    bytes.set(examples.images);
    const logitsInput = new Uint8Array(evaluatedAtOnce(recipe.batch, examples.shape) * 243);
    logitsInput.set(examples.images);
    const opened = [
      [openFunctions, graph],
      [openWhole, whole],
    ] as const;
    const results = opened.map(([open, { nodes, entries }]) => {
      const calls = open(binding, nodes, entries, folder);
      calls.execute('pictures', bytes);
      calls.execute('answers', Int32Array.from(examples.labels));
      calls.execute('start', pack(weights, [...kernels, ...others, ...statistics]));
      const result = [
        calls.call('step', words),
        calls.call('step', words),
        calls.call('weights'),
        calls.call('average'),
        calls.call('logits', logitsInput),
        calls.call('averageLogits', logitsInput),
      ];
      calls.dispose();
      calls.dispose();
      expect(() => calls.call('weights')).toThrow(/after its end/);
      return result;
    });
    results[0]!.forEach((values, i) => expect(distance(values, results[1]![i]!)).toBeLessThan(1e-5));
    expect(distance(results[0]![2]!, results[0]![3]!)).toBeGreaterThan(1e-4);
    expect([binding.getNumOfSavedModels(), binding.getNumOfTensors()]).toEqual(before);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuse a name that is no entry, and values of another size', () => {
    const binding = loadBinding(join(directory, 'cpu'));
    const calls = openFunctions(binding, graph.nodes, graph.entries, folder);
    const tensors = binding.getNumOfTensors();
    expect(() => calls.call('other')).toThrow(/other/);
    expect(() => calls.call('answers', Int32Array.of(1))).toThrow(/fail to run/);
    expect(binding.getNumOfTensors()).toBe(tensors);
    calls.dispose();
  });
});
