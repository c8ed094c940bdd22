import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../../src/backends/index.js';
import { createRng } from '../../src/core/index.js';
import { sharedExamples, type DataSet } from '../../src/data/index.js';
import { buildNetwork, initialWeights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { evaluateWeights, quickRecipe, trainCandidate, type TrainResult } from '../../src/train/index.js';

/** Three classes: the bright quarter is at the top left, the bottom left or in the middle. Noise on all. */
function pictures(count: number, seed: string): DataSet['training'] {
  const rng = createRng(seed);
  const examples = sharedExamples(count, [8, 8, 1]);
  for (let row = 0; row < count; row++) {
    const label = row % 3;
    examples.labels[row] = label;
    const [top, left] = (
      [
        [0, 0],
        [4, 0],
        [2, 2],
      ] as const
    )[label]!;
    for (let at = 0; at < 64; at++) {
      const [y, x] = [Math.floor(at / 8), at % 8];
      const bright = y >= top && y < top + 4 && x >= left && x < left + 4;
      examples.images[row * 64 + at] = (bright ? 160 : 30) + rng.integer(60);
    }
  }
  return examples;
}

function data(): DataSet {
  const training = pictures(180, 'training');
  const rows = Array.from({ length: 180 }, (_, row) => row);
  return {
    spec: { name: 'images:x', folder: '', heldOut: 0.2, seed: '1', size: 8, limit: null },
    name: 'images:x',
    shape: [8, 8, 1],
    classes: ['a', 'b', 'c'],
    training,
    split: { train: Int32Array.from(rows.slice(0, 144)), validation: Int32Array.from(rows.slice(144)) },
    mean: [0.3],
    deviation: [0.25],
    flip: false,
  };
}

describe('a real network on the reference backend', () => {
  it('learns, the same way twice, and evaluates the same from its stored weights', async () => {
    await using backend = await createReferenceBackend();
    const network = buildNetwork(
      parseArchitecture('nas1:8x8x1 cn_k3_s2_c4_re ir_k3_s1_e8_c4_se4_hs gap fc_c3_id'),
    );
    const set = data();
    const recipe = { ...quickRecipe, batch: 16, pad: 0, emaDecay: 0.9 };
    const train = (maxSteps: number | null): Promise<TrainResult> => {
      const rng = createRng('5/trial/1');
      return trainCandidate({
        backend,
        network,
        weights: initialWeights(network, rng.fork('init')),
        data: set,
        recipe,
        plan: { epochs: 4, maxSteps, learningRate: 0.2, schedule: 'cosine', warmupEpochs: 0.2 },
        evaluationSplit: 'validation',
        rng,
      });
    };
    const [short, again] = [await train(3), await train(3)];
    if (short.state !== 'done' || again.state !== 'done') throw new Error(short.state);
    expect(again.weights).toEqual(short.weights);

    const first = await train(null);
    if (first.state !== 'done') throw new Error(first.state);
    expect(first.weights).not.toEqual(short.weights);
    expect(first.curve.at(-1)!.loss).toBeLessThan(first.curve[0]!.loss / 2);
    expect(first.accuracy).toBeGreaterThan(0.8);
    const heldOut = evaluateWeights({
      backend,
      network,
      weights: first.weights,
      examples: {
        count: 36,
        shape: set.shape,
        images: set.training.images.subarray(144 * 64),
        labels: set.training.labels.subarray(144),
      },
      mean: set.mean,
      deviation: set.deviation,
      epsilon: recipe.norm.epsilon,
      batch: 10,
    });
    expect(heldOut.accuracy).toBe(first.accuracy);
    expect(heldOut.loss).toBeCloseTo(first.loss, 4);
  });
});
