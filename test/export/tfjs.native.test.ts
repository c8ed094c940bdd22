import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exporterFor, runTfjs, verifyExport, type TrainedNetwork } from '../../src/export/index.js';
import { buildNetwork, fold } from '../../src/network/index.js';
import { parseArchitecture, presetArchitecture, type Architecture } from '../../src/space/index.js';
import { expectGolden } from '../golden.js';
import { forward } from '../network/forward.js';
import { everyOperation, picture, relativeError, smallArchitecture } from '../network/samples.js';
import { sampleOf } from './samples.js';

const exporter = exporterFor('tfjs');
const task = { input: [28, 28, 1], classes: 10 } as const;

function modelJson(sample: TrainedNetwork) {
  const bytes = exporter.export(sample).find(({ path }) => path === 'model.json')?.bytes;
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

/** Largest relative difference between the export, run by tfjs, and the reference forward pass. */
async function difference(architecture: Architecture): Promise<number> {
  const sample = sampleOf(architecture);
  const network = buildNetwork(architecture);
  const pictures = [picture(network, 'one'), picture(network, 'two')];
  const input = Float32Array.from(pictures.flatMap((values) => [...values]));
  const expected = pictures.flatMap((values) => [
    ...forward(network, sample.weights, values, sample.epsilon),
  ]);
  return relativeError(await runTfjs(exporter.export(sample), input), expected);
}

describe('a TensorFlow.js export', () => {
  it('computes every operation as the reference does', async () => {
    expect(await difference(everyOperation)).toBeLessThan(1e-5);
  });

  it('computes every operation with symmetric padding as the reference does', async () => {
    for (const input of [
      [8, 8, 2],
      [8, 7, 2],
      [7, 10, 2],
    ] as const)
      expect(await difference({ ...everyOperation, input, padding: 'symmetric' })).toBeLessThan(1e-5);
  });

  it('computes any architecture as the reference does', async () => {
    await fc.assert(
      fc.asyncProperty(smallArchitecture, async (architecture) => {
        expect(await difference(architecture)).toBeLessThan(1e-4);
      }),
      { numRuns: 30 },
    );
  });

  it.each(['mobilenet_v3_small', 'mobilenet_v3_small_minimalistic', 'mnasnet_a1@0.35', 'mobilenet_v1@0.25'])(
    'computes %s as the reference does',
    async (name) => {
      expect(await difference(presetArchitecture(name, task))).toBeLessThan(1e-4);
    },
  );

  it('is as in the golden file', () => {
    const small = parseArchitecture('nas1:6x6x1 ir_k3_s2_e4_c3_se2_hs_skippool gap fc_c2_id');
    const text = JSON.stringify(modelJson(sampleOf(small)), null, 1);
    expectGolden('export/golden/model.json', text);
  });

  it('splits its weights at 4 MiB', () => {
    const sample = sampleOf(presetArchitecture('mobilenet_v3_small', task));
    const [, ...shards] = exporter.export(sample);
    const { network } = fold(buildNetwork(sample.architecture), sample.weights, sample.epsilon);
    const trainedBytes = 4 * network.parameters.reduce((sum, { size }) => sum + size, 0);
    const full = 4 * 1024 * 1024;
    expect(shards.map(({ path }) => path)).toEqual(['group1-shard1of2.bin', 'group1-shard2of2.bin']);
    // In addition to the weights: the constants 3, 1/6 and the two axes of pooling.
    expect(shards.map(({ bytes }) => bytes.length)).toEqual([full, trainedBytes + 16 - full]);
  });
});

describe('runTfjs', () => {
  const artifacts = exporter.export(sampleOf(everyOperation));
  const input = picture(buildNetwork(everyOperation));

  it('gives the same for any batch, and leaves nothing behind', async () => {
    const pictures = Float32Array.from(Array.from({ length: 7 }, () => [...input]).flat());
    const together = await runTfjs(artifacts, pictures);
    const tensors = tf.memory().numTensors;
    const inParts = await runTfjs(artifacts, pictures, { batch: 3 });
    expect(relativeError(inParts, together)).toBeLessThan(1e-6);
    expect(inParts.length).toBe(7 * 5);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it('says which file or backend is missing', async () => {
    await expect(runTfjs(artifacts.slice(1), input)).rejects.toThrow('no artifact model.json');
    await expect(runTfjs(artifacts.slice(0, 1), input)).rejects.toThrow('no artifact group1-shard1of1.bin');
    await expect(runTfjs(artifacts, input, { backend: 'abacus' })).rejects.toThrow(/abacus/);
  });
});

describe('verifyExport', () => {
  const sample = sampleOf(everyOperation);
  const network = buildNetwork(everyOperation);
  const pictures = Array.from({ length: 5 }, (_, i) => picture(network, String(i)));
  const input = Float32Array.from(pictures.flatMap((values) => [...values]));
  const logits = Float32Array.from(
    pictures.flatMap((values) => [...forward(network, sample.weights, values)]),
  );
  const answers = pictures.map((_, i) => {
    const row = logits.subarray(5 * i, 5 * i + 5);
    return row.indexOf(Math.max(...row));
  });

  it('finds no difference where there is none, and counts right answers', async () => {
    const labels = answers.map((answer, i) => (i < 3 ? answer : (answer + 1) % 5));
    const found = await verifyExport(exporter.export(sample), { count: 5, input, logits, labels });
    expect(found).toEqual({ count: 5, error: expect.any(Number) as number, agreed: 5, correct: 3 });
    expect(found.error).toBeLessThan(1e-5);
  });

  it('finds a changed weight', async () => {
    const weights = new Map(sample.weights);
    weights.set(
      '2.project.scale',
      weights.get('2.project.scale')!.map((value) => value * 1.1),
    );
    const found = await verifyExport(exporter.export({ ...sample, weights }), {
      count: 5,
      input,
      logits,
      labels: null,
    });
    expect(found.error).toBeGreaterThan(1e-4);
    expect(found.correct).toBeNull();
  });

  it('finds an answer that is not a number', async () => {
    const weights = new Map(sample.weights);
    weights.set('12.dense.bias', Float32Array.of(0, Number.NaN, 0, 0, 0));
    const found = await verifyExport(exporter.export({ ...sample, weights }), {
      count: 5,
      input,
      logits,
      labels: null,
    });
    expect(found.error).toBe(Number.POSITIVE_INFINITY);
  });
});
