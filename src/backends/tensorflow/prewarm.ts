import { createRng } from '../../core/index.js';
import { buildNetwork, initialWeights } from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { Backend } from '../backend.js';
import type { StepRecipe } from '../step-recipe.js';

/** Every kind of layer and activation once. */
const EVERYTHING =
  'nas1:8x8x1 cn_k3_s1_c4_re ds_k3_s2_c8_se4sig_r6_pwre_skippool ir_k5_s1_e8_c8_se4_hs gap fc_c8_hs fc_c2_id';

/**
 * Trains and runs a tiny network once, so that what TensorFlow sets up at first use (operations, threads) is done
 * before anything is timed. Takes about a second in a new process.
 */
export function prewarm(backend: Backend): void {
  const network = buildNetwork(parseArchitecture(EVERYTHING));
  const weights = initialWeights(network, createRng('prewarm'));
  const batch = 2;
  const examples = {
    count: batch,
    shape: network.input,
    images: new Uint8Array(batch * 64),
    labels: new Uint16Array(batch),
  };
  const shared: Omit<StepRecipe, 'optimiser'> = {
    batch,
    weightDecay: 1e-5,
    labelSmoothing: 0.1,
    dropout: 0.1,
    emaDecay: 0.9,
    norm: { momentum: 0.99, epsilon: 1e-3 },
    pad: 1,
    mean: [0.5],
    deviation: [0.5],
  };
  const optimisers: readonly StepRecipe['optimiser'][] = [
    { kind: 'momentum', momentum: 0.9 },
    { kind: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 1e-3 },
  ];
  for (const optimiser of optimisers) {
    const program = backend.compileTraining(network, weights, { ...shared, optimiser }, examples);
    program.step({
      indices: Int32Array.of(0, 1),
      top: new Int32Array(batch),
      left: new Int32Array(batch),
      flip: new Uint8Array(batch),
      learningRate: 0.01,
      seed: [1, 2],
    });
    program.evaluate(examples, true);
    program.weights(true);
    program.dispose();
  }
  const inference = backend.compileInference(network, weights, { batch: 1, epsilon: 1e-3 });
  inference.time(1);
  inference.dispose();
}
