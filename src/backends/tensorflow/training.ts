import type { Network, Weights } from '../../network/index.js';
import type { Examples, StepInput, StepRecipe, TrainingProgram } from '../backend.js';
import { averageDecay, checkStep, checkTraining, crossEntropyOf } from '../evaluation.js';
import type { Binding } from './binding.js';
import { stepWords } from './input.js';
import { openSession } from './session.js';
import { buildStepGraph } from './step-graph.js';
import { pack, sectionsOf, unpack } from './vectors.js';

export function compileTraining(
  binding: Binding,
  folder: string,
  network: Network,
  weights: Weights,
  recipe: StepRecipe,
  training: Examples,
): TrainingProgram {
  checkTraining(network, recipe, training);
  const { kernels, others, statistics } = sectionsOf(network);
  const order = [...kernels, ...others, ...statistics];
  const { batch } = recipe;
  const session = openSession(binding, buildStepGraph(network, recipe, training), folder);
  const shape = training.shape;
  const pixels = shape[0] * shape[1] * shape[2];

  function feed<T>(
    tensors: Readonly<Record<string, readonly [readonly number[], Float32Array | Int32Array | Uint8Array]>>,
    use: (feeds: Record<string, ReturnType<typeof session.tensor>>) => T,
  ): T {
    const feeds: Record<string, ReturnType<typeof session.tensor>> = {};
    try {
      for (const [name, [dimensions, values]] of Object.entries(tensors))
        feeds[name] = session.tensor(dimensions, values);
      return use(feeds);
    } finally {
      for (const id of Object.values(feeds)) session.free(id);
    }
  }

  try {
    const start = pack(weights, order);
    feed(
      {
        pictures: [[training.count, ...shape], training.images],
        labels: [[training.count], Int32Array.from(training.labels)],
      },
      (feeds) => session.execute(feeds, ['loaded']),
    );
    feed({ start: [[start.length / 16, 16], start] }, (feeds) => session.execute(feeds, ['started']));
  } catch (error) {
    session.dispose();
    throw error;
  }

  const words = new Int32Array(stepWords(batch));
  const floats = new Float32Array(words.buffer);
  let steps = 0;

  return {
    step(input: StepInput) {
      writeStep(input);
      const result = feed({ words: [[words.length], words] }, (feeds) => session.run(feeds, ['step']))[0];
      steps++;
      return { loss: result?.[0] ?? NaN, correct: result?.[1] ?? 0 };
    },
    evaluate(examples, ema) {
      let correct = 0;
      let loss = 0;
      const bytes = new Uint8Array(batch * pixels);
      for (let from = 0; from < examples.count; from += batch) {
        const count = Math.min(batch, examples.count - from);
        bytes.set(examples.images.subarray(from * pixels, (from + count) * pixels));
        const [logits] = feed({ bytes: [[batch, ...shape], bytes] }, (feeds) =>
          session.run(feeds, [ema && recipe.emaDecay !== null ? 'averageLogits' : 'logits']),
        ) as [Float32Array];
        const part = crossEntropyOf(logits, examples.labels.subarray(from, from + count), network.classes);
        correct += part.correct;
        loss += part.loss;
      }
      return { correct, loss: loss / examples.count, count: examples.count };
    },
    weights(ema) {
      const [vector] = session.run({}, [ema && recipe.emaDecay !== null ? 'average' : 'weights']) as [
        Float32Array,
      ];
      return inOrder(network, unpack(vector, order));
    },
    dispose: () => session.dispose(),
  };

  function writeStep(input: StepInput): void {
    checkStep(input, batch);
    const { indices, top, left, flip, seed, learningRate } = input;
    words.set(indices, 0);
    words.set(top, batch);
    words.set(left, 2 * batch);
    words.set(flip, 3 * batch);
    words[4 * batch] = seed[0] | 0;
    words[4 * batch + 1] = seed[1] | 0;
    floats[4 * batch + 2] = learningRate;
    floats[4 * batch + 3] = averageDecay(recipe.emaDecay ?? 0, steps);
  }
}

function inOrder(network: Network, values: ReadonlyMap<string, Float32Array>): Weights {
  return new Map(network.parameters.map(({ name }) => [name, values.get(name) as Float32Array]));
}
