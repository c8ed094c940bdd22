import type { Backend, Examples, StepInput, StepRecipe, TrainingProgram } from '../../src/backends/index.js';
import { slotsOf } from '../../src/backends/index.js';
import type { Network, Weights } from '../../src/network/index.js';

/** What a fake backend was asked to do, in order. */
export interface Log {
  readonly recipes: StepRecipe[];
  readonly steps: StepInput[];
  readonly evaluated: { count: number; ema: boolean; labels: number[] }[];
  disposed: number;
}

export interface FakeOptions {
  /** The loss of a step, instead of the model's own. */
  readonly loss?: (step: number) => number;
  /** How many of the pictures are right, instead of the model's own. */
  readonly correct?: (count: number, ema: boolean) => number;
}

/** A network of one dense layer over the mean of each picture; enough of a shape for {@link fakeBackend}. */
export function fakeNetwork(classes: number, shape: readonly [number, number, number]): Network {
  const parameter = { layer: '0.dense', trained: true };
  return {
    input: shape,
    classes,
    layers: [],
    parameters: [
      { ...parameter, name: '0.dense.kernel', role: 'kernel', shape: [1, classes], size: classes },
      { ...parameter, name: '0.dense.bias', role: 'bias', shape: [classes], size: classes },
    ],
  };
}

export function fakeWeights(classes: number): Weights {
  return new Map([
    ['0.dense.kernel', new Float32Array(classes)],
    ['0.dense.bias', new Float32Array(classes)],
  ]);
}

/**
 * Softmax regression on the mean of a picture's pixels, after crop, flip and dropout left their mark on it: so its
 * weights depend on every number of every step, as a real backend's do.
 */
export function fakeBackend(options: FakeOptions = {}): { backend: Backend; log: Log } {
  const log: Log = { recipes: [], steps: [], evaluated: [], disposed: 0 };

  const compileTraining = (
    network: Network,
    weights: Weights,
    recipe: StepRecipe,
    training: Examples,
  ): TrainingProgram => {
    log.recipes.push(recipe);
    const live = model(network.classes, weights);
    const average = recipe.emaDecay === null ? live : model(network.classes, weights);
    const decay = recipe.emaDecay ?? 0;
    let count = 0;
    let steps = 0;
    const numbers = (name: string, of: typeof live) => (name.endsWith('kernel') ? of.kernel : of.bias);
    return {
      step(input) {
        steps++;
        log.steps.push(input);
        let loss = 0;
        let correct = 0;
        input.indices.forEach((row, at) => {
          const noise =
            (input.top[at]! + 3 * input.left[at]! + 7 * input.flip[at]!) / 100 + (input.seed[0] % 97) / 1e4;
          const x = feature(training, row, recipe) + noise;
          const label = training.labels[row]!;
          const p = live.probabilities(x);
          loss -= Math.log(Math.max(p[label]!, 1e-9));
          if (p.indexOf(Math.max(...p)) === label) correct++;
          p.forEach((value, k) => {
            const error = (value - (k === label ? 1 : 0)) / input.indices.length;
            live.kernel[k]! -= input.learningRate * error * x;
            live.bias[k]! -= input.learningRate * error;
          });
        });
        if (average !== live) {
          average.kernel.forEach((v, k) => (average.kernel[k] = decay * v + (1 - decay) * live.kernel[k]!));
          average.bias.forEach((v, k) => (average.bias[k] = decay * v + (1 - decay) * live.bias[k]!));
        }
        return { loss: options.loss?.(count++) ?? loss / input.indices.length, correct };
      },
      evaluate(examples, ema) {
        log.evaluated.push({ count: examples.count, ema, labels: Array.from(examples.labels) });
        const evaluated = ema ? average : live;
        let correct = 0;
        let loss = 0;
        for (let row = 0; row < examples.count; row++) {
          const p = evaluated.probabilities(feature(examples, row, recipe));
          loss -= Math.log(Math.max(p[examples.labels[row]!]!, 1e-9)) / examples.count;
          if (p.indexOf(Math.max(...p)) === examples.labels[row]) correct++;
        }
        return { correct: options.correct?.(examples.count, ema) ?? correct, loss, count: examples.count };
      },
      weights(ema) {
        const { kernel, bias } = ema ? average : live;
        return new Map([
          ['0.dense.kernel', kernel.slice()],
          ['0.dense.bias', bias.slice()],
        ]);
      },
      // An optimiser without memory: its slots are zeros.
      state: () => ({
        steps,
        slots: new Map(
          [...slotsOf(network, recipe)].map(([slot, parameters]) => [
            slot,
            new Map(
              parameters.map(({ name, size }) => [
                name,
                slot === 'weights' || slot === 'average'
                  ? numbers(name, slot === 'weights' ? live : average).slice()
                  : new Float32Array(size),
              ]),
            ),
          ]),
        ),
      }),
      restore(state) {
        for (const [slot, values] of state.slots)
          for (const [name, given] of values)
            if (slot === 'weights' || slot === 'average')
              numbers(name, slot === 'weights' ? live : average).set(given);
        steps = state.steps;
        count = state.steps;
      },
      dispose() {
        log.disposed++;
      },
    };
  };

  return {
    log,
    backend: {
      info: { backend: 'fake', device: 'cpu', name: 'fake', threads: 1, versions: {} },
      compileTraining,
      compileInference(network, weights, { batch }) {
        const { probabilities } = model(network.classes, weights);
        return {
          batch,
          run(input) {
            const size = input.length / batch;
            const rows = Array.from({ length: batch }, (_, row) => input.slice(row * size, (row + 1) * size));
            return Float32Array.from(
              rows.flatMap((row) => probabilities(row.reduce((a, b) => a + b, 0) / size).map(Math.log)),
            );
          },
          time: (runs) => Array.from({ length: runs }, () => 1),
          dispose() {
            log.disposed++;
          },
        };
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  };
}

function model(classes: number, weights: Weights) {
  const kernel = weights.get('0.dense.kernel')!.slice();
  const bias = weights.get('0.dense.bias')!.slice();
  return {
    kernel,
    bias,
    probabilities(x: number): number[] {
      const logits = Array.from({ length: classes }, (_, k) => kernel[k]! * x + bias[k]!);
      const top = Math.max(...logits);
      const powers = logits.map((value) => Math.exp(value - top));
      const sum = powers.reduce((a, b) => a + b, 0);
      return powers.map((value) => value / sum);
    },
  };
}

function feature(examples: Examples, row: number, recipe: StepRecipe): number {
  const size = examples.shape[0] * examples.shape[1] * examples.shape[2];
  let sum = 0;
  for (let at = row * size; at < (row + 1) * size; at++) sum += examples.images[at]!;
  return (sum / size / 255 - recipe.mean[0]!) / recipe.deviation[0]!;
}
