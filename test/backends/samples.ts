import fc from 'fast-check';
import { createRng, type Rng } from '../../src/core/index.js';
import {
  buildNetwork,
  initialWeights,
  networkOf,
  type Network,
  type Weights,
} from '../../src/network/index.js';
import type { Examples, StepInput, StepRecipe } from '../../src/backends/index.js';
import type { Architecture, Block, Layer, Shape } from '../../src/space/index.js';
import { architectures } from '../space/arbitrary.js';

const recipe: StepRecipe = {
  batch: 4,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  weightDecay: 0,
  labelSmoothing: 0,
  dropout: 0,
  emaDecay: null,
  norm: { momentum: 0.9, epsilon: 1e-3 },
  pad: 0,
  mean: [0.5],
  deviation: [0.25],
};

/** A recipe whose weights after one step of rate 1 are w − gradient. */
export const plainGradient: Partial<StepRecipe> = { optimiser: { kind: 'momentum', momentum: 0 } };

export function recipeFor(network: Network, over: Partial<StepRecipe> = {}): StepRecipe {
  const channels = network.input[2];
  return {
    ...recipe,
    mean: Array.from({ length: channels }, (_, c) => 0.4 + 0.05 * (c % 3)),
    deviation: Array.from({ length: channels }, (_, c) => 0.2 + 0.05 * (c % 3)),
    ...over,
  };
}

/** Small random architectures, always the same ones: all blocks, strides, kernels, gates, activations, skips, odd sizes. */
export function sampleArchitectures(count: number): readonly Architecture[] {
  const wellPosed = architectures({ blocks: 4, width: 12, side: 9 }).filter(
    ({ blocks }) => !blocks.some(isShift),
  );
  return fc.sample(wellPosed, { numRuns: count, seed: 20190519 });
}

/**
 * One channel that is normalised, not activated, and normalised again: the true gradient of its offset is 0, and RMSProp
 * divides the rounding errors that both backends have in its place by their own size.
 */
function isShift(block: Block): boolean {
  return 'expansion' in block && block.expansion === 1 && block.activation === 'id';
}

/** Start weights with everything moved off its start value, so that nothing is 0 or 1 by accident. */
export function stirredWeights(network: Network, rng: Rng): Weights {
  const start = initialWeights(network, rng);
  return new Map(
    network.parameters.map(({ name, role }) => {
      const values = (start.get(name) as Float32Array).map((value) => {
        if (role === 'variance') return 0.5 + rng.uniform();
        if (role === 'scale') return 0.7 + 0.6 * rng.uniform();
        return value + (role === 'kernel' ? 0.1 : 0.3) * rng.normal();
      });
      return [name, values];
    }),
  );
}

export function randomExamples(shape: Shape, classes: number, count: number, rng: Rng): Examples {
  const images = Uint8Array.from({ length: count * shape[0] * shape[1] * shape[2] }, () => rng.integer(256));
  const labels = Uint16Array.from({ length: count }, () => rng.integer(classes));
  return { count, shape, images, labels };
}

export function randomStep(
  examples: Examples,
  { batch, pad }: StepRecipe,
  rng: Rng,
  learningRate = 0.05,
): StepInput {
  const list = (below: number) => Array.from({ length: batch }, () => rng.integer(below));
  return {
    indices: Int32Array.from(list(examples.count)),
    top: Int32Array.from(list(2 * pad + 1)),
    left: Int32Array.from(list(2 * pad + 1)),
    flip: Uint8Array.from(list(2)),
    learningRate,
    seed: [rng.integer(2 ** 31), rng.integer(2 ** 31)],
  };
}

/** A step on rows 0 … batch−1 with nothing moved. */
export function plainStep(batch: number, over: Partial<StepInput> = {}): StepInput {
  return {
    indices: Int32Array.from({ length: batch }, (_, i) => i),
    top: new Int32Array(batch),
    left: new Int32Array(batch),
    flip: new Uint8Array(batch),
    learningRate: 1,
    seed: [1, 2],
    ...over,
  };
}

/** One layer that reads the picture and gives the logits; with zero weights it shows what it was fed by its gradient. */
export function singleLayer(over: Partial<Layer> & Pick<Layer, 'op' | 'in' | 'out'>): Network {
  const layer: Layer = {
    name: '0.only',
    block: 0,
    from: ['input'],
    kernel: 1,
    stride: 1,
    groups: 1,
    bias: false,
    norm: false,
    activation: 'id',
    params: 0,
    madds: 0,
    ...over,
  };
  return networkOf(layer.in, [layer]);
}

export function zeroWeights(network: Network): Map<string, Float32Array> {
  return new Map(network.parameters.map(({ name, size }) => [name, new Float32Array(size)]));
}

export interface Sample {
  readonly network: Network;
  readonly weights: Weights;
  readonly examples: Examples;
  readonly rng: Rng;
}

export function sampleOf(architecture: Architecture, name: string, count = 11): Sample {
  const rng = createRng(name);
  const network = buildNetwork(architecture);
  return {
    network,
    weights: stirredWeights(network, rng),
    examples: randomExamples(network.input, network.classes, count, rng),
    rng,
  };
}

/** Largest distance of two lists of numbers, as a share of the second's largest magnitude (at least `floor`). */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>, floor = 1): number {
  if (a.length !== b.length) return Infinity;
  let most = 0;
  let scale = floor;
  for (let i = 0; i < a.length; i++) {
    const gap = Math.abs((a[i] as number) - (b[i] as number));
    if (!(gap <= most)) most = gap;
    scale = Math.max(scale, Math.abs(b[i] as number));
  }
  return most / scale;
}

/** The parameter that is farthest off, as text, or '' where all are within `tolerance`. */
export function farthest(found: Weights, expected: Weights, tolerance: number, floor = 1): string {
  if ([...found.keys()].join() !== [...expected.keys()].join()) return 'other names or order';
  let worst = '';
  let most = tolerance;
  for (const [name, values] of expected) {
    const gap = distance(found.get(name) as Float32Array, values, floor);
    if (!(gap <= most)) {
      most = gap;
      worst = `${name}: ${gap}`;
    }
  }
  return worst;
}

/** Every kind of layer and activation, small enough for finite differences. */
export const DIFFERENTIATED = [
  'nas1:6x5x2 cn_k3_s2_c4_hs ir_k5_s1_e6_c4_se3_hs gap fc_c5_hs fc_c3_id',
  'nas1:7x7x1 cn_k3_s1_c4_id ds_k3_s2_c6_se2sig_id_skippool ir_k3_s1_e5_c6_hs gap fc_c3_id',
  'nas1:5x7x3 cn_k5_s1_c3_re ir_k7_s2_e6_c5_r6_skippool ir_k3_s1_e8_c5_se4_re gap fc_c4_id',
  'nas1:1x1x3 cn_k1_s1_c4_hs ds_k3_s1_c4_se2_re gap fc_c4_id',
];
