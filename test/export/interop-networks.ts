import type { Backend } from '../../src/backends/index.js';
import { createRng } from '../../src/core/index.js';
import { sharedExamples } from '../../src/data/index.js';
import { buildNetwork, initialWeights, type Weights } from '../../src/network/index.js';
import {
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceNames,
  type Architecture,
} from '../../src/space/index.js';
import { quickRecipe, stepRecipe } from '../../src/train/recipe.js';
import { trained } from '../network/samples.js';

/** Small enough for a forward pass in double precision; even, so that strides pad unevenly. */
export const TASK = { input: [32, 32, 3], classes: 10 } as const;

export const DRAWN = 20;
/** Presets that are run with symmetric padding too. */
const SYMMETRIC = ['mobilenet_v3_small', 'mobilenet_v2', 'mnasnet_a1', 'mobilenetv4_conv_small'] as const;
const STEPS = 12;
const BATCH = 16;

export interface Case {
  readonly name: string;
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** Steps of training; 0: random weights and random statistics of normalisation. */
  readonly steps: number;
}

/** All presets, some of them with symmetric padding, and 20 trained networks drawn from the built-in spaces, every fourth padded so. */
export function interopCases(backend: Backend): readonly Case[] {
  const padded = (architecture: Architecture): Architecture => ({ ...architecture, padding: 'symmetric' });
  const preset = (name: string) => presetArchitecture(name, TASK);
  const untrained = (name: string, architecture: Architecture): Case => ({
    ...{ name, architecture, weights: trained(architecture).weights, steps: 0 },
  });
  const drawn = Array.from({ length: DRAWN }, (_, i): Case => {
    const name = spaceNames[i % spaceNames.length] ?? '';
    const space = searchSpace(name, TASK);
    const rng = createRng(`interop ${i}`);
    const found = space.decode(space.choices.map(({ options }) => rng.integer(options.length)));
    const architecture = i % 4 === 3 ? padded(found) : found;
    const weights = fewSteps(backend, architecture, `interop ${i}`);
    return { name: `${name} ${i}${i % 4 === 3 ? ' sym' : ''}`, architecture, weights, steps: STEPS };
  });
  return [
    ...presetNames.map((name) => untrained(name, preset(name))),
    ...SYMMETRIC.map((name) => untrained(`${name} sym`, padded(preset(name)))),
    ...drawn,
  ];
}

/** Weights after some steps on random pictures whose brightness depends on their class. */
function fewSteps(backend: Backend, architecture: Architecture, seed: string): Weights {
  const rng = createRng(seed).fork('training');
  const examples = sharedExamples(4 * BATCH, [...TASK.input]);
  const size = examples.images.length / examples.count;
  examples.labels.forEach((_, row) => (examples.labels[row] = row % TASK.classes));
  examples.images.forEach((_, at) => {
    examples.images[at] = 12 * ((Math.floor(at / size) % TASK.classes) + 1) + rng.integer(120);
  });
  const recipe = stepRecipe({ ...quickRecipe, batch: BATCH, pad: 0, dropout: 0 }, STEPS, {
    mean: [0.4, 0.4, 0.4],
    deviation: [0.2, 0.2, 0.2],
  });
  const network = buildNetwork(architecture);
  const program = backend.compileTraining(
    network,
    initialWeights(network, rng.fork('weights')),
    recipe,
    examples,
  );
  try {
    for (let step = 0; step < STEPS; step++) {
      const none = new Int32Array(BATCH);
      const indices = none.map((_, i) => (step * BATCH + i) % examples.count);
      const { loss } = program.step({
        ...{ indices, top: none, left: none, flip: new Uint8Array(BATCH) },
        ...{ learningRate: 0.02, seed: [1, step] },
      });
      if (!Number.isFinite(loss)) throw new RangeError(`${seed} diverged at step ${step}`);
    }
    return program.weights(false);
  } finally {
    program.dispose();
  }
}
