import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/index.js';
import { buildNetwork, initialWeights } from '../../src/network/index.js';
import { parseArchitecture } from '../../src/space/index.js';
import { quickRecipe, trainCandidate, type SavedTraining, type TrainOptions } from '../../src/train/index.js';
import { isSetUp, prepare, REASON } from '../backends/tensorflow.js';
import { fakeData, fakeExamples } from './fake-data.js';

/** Of the sums of a step, whose order native threads choose. */
const APART = 1e-4;

describe.skipIf(!isSetUp)(`a training with TensorFlow${isSetUp ? '' : ` (skipped: ${REASON})`}`, () => {
  const prepared = isSetUp ? prepare(1) : undefined;
  afterAll(() => prepared && rmSync(prepared.folder, { recursive: true, force: true }));

  it('that is interrupted three times ends near one that is not', async () => {
    await using backend = await prepared!.make();
    const network = buildNetwork(
      parseArchitecture('nas1:2x2x1 cn_k3_s2_c4_hs ir_k3_s1_e8_c4_se4_re gap fc_c2_id'),
    );
    const options = (change: Partial<TrainOptions> = {}): TrainOptions => ({
      ...{ backend, network, weights: initialWeights(network, createRng('w')), data: fakeData(20) },
      recipe: { ...quickRecipe, batch: 8, pad: 1, emaDecay: 0.9 },
      plan: { epochs: 3, maxSteps: null, learningRate: 0.1, schedule: 'cosine', warmupEpochs: 0.5 },
      ...{ evaluationSplit: 'validation', evaluate: 'epochs', rng: createRng('1/trial/7') },
      test: () => Promise.resolve(fakeExamples(50, 'test')),
      ...change,
    });
    const whole = await trainCandidate(options());
    let saved: SavedTraining | undefined;
    for (const at of [3, 4, 10]) {
      let step = saved?.step ?? 0;
      const { compileTraining } = backend;
      const result = await trainCandidate({
        ...options(saved && { saved }),
        backend: {
          ...backend,
          compileTraining(...given) {
            const program = compileTraining(...given);
            return { ...program, step: (input) => (step++, program.step(input)) };
          },
        },
        stopped: () => step >= at,
        keep: (state) => Promise.resolve(void (saved = state)),
      });
      expect(result.state).toBe('stopped');
      expect(saved?.step).toBe(at);
    }
    const resumed = await trainCandidate(options(saved && { saved }));
    if (resumed.state !== 'done' || whole.state !== 'done') throw new Error('not trained to the end');
    expect(resumed.curve.map((point) => point.step)).toEqual(whole.curve.map((point) => point.step));
    for (const [name, values] of whole.weights) {
      const apart = values.map((value, i) => Math.abs(value - (resumed.weights.get(name)?.[i] ?? NaN)));
      expect(Math.max(...apart), name).toBeLessThan(APART);
    }
  }, 120_000);
});
