import type { Network, Weights } from '../../network/index.js';
import type { Examples, StepInput, TrainingProgram } from '../backend.js';
import type { StepRecipe } from '../step-recipe.js';
import { averageDecay, checkStep, crossEntropyOf } from '../evaluation.js';
import { checkState, slotsOf } from '../program-state.js';
import type { Calls } from './calls.js';
import { evaluatedAtOnce, stepWords } from './step/input.js';
import { pack, ROW, rowsOf, sectionsOf, unpack } from './step/vectors.js';

/**
 * Starts a training in a step graph, regardless of what was trained in it before.
 * @param leave what happens to the graph when the program is disposed of; `sound` unless one of its calls threw
 */
export function startTraining(
  graph: Calls,
  network: Network,
  weights: Weights,
  recipe: StepRecipe,
  training: Examples,
  leave: (sound: boolean) => void,
): TrainingProgram {
  const { kernels, others, statistics } = sectionsOf(network);
  const order = [...kernels, ...others, ...statistics];
  const { batch } = recipe;
  /** Each slot's parameters as they lie in the vectors. */
  const slots = [...slotsOf(network, recipe)].map(
    ([slot, { length }]) => [slot, length === order.length ? order : [...kernels, ...others]] as const,
  );
  const shape = training.shape;
  const pixels = shape[0] * shape[1] * shape[2];
  const evaluated = evaluatedAtOnce(batch, shape);
  graph.execute('pictures', training.images);
  graph.execute('answers', Int32Array.from(training.labels));
  graph.execute('start', pack(weights, order));

  let open = true;
  let sound = true;
  function call(entry: string, values?: Int32Array | Uint8Array | Float32Array): Float32Array {
    if (!open) throw new Error('a training program was used after its end');
    try {
      return graph.call(entry, values);
    } catch (error) {
      sound = false;
      throw error;
    }
  }

  const words = new Int32Array(stepWords(batch));
  const floats = new Float32Array(words.buffer);
  let steps = 0;

  return {
    step(input: StepInput) {
      writeStep(input);
      const result = call('step', words);
      steps++;
      return { loss: result[0] ?? NaN, correct: result[1] ?? 0 };
    },
    evaluate(examples, ema) {
      let correct = 0;
      let loss = 0;
      const bytes = new Uint8Array(evaluated * pixels);
      for (let from = 0; from < examples.count; from += evaluated) {
        const count = Math.min(evaluated, examples.count - from);
        bytes.set(examples.images.subarray(from * pixels, (from + count) * pixels));
        const logits = call(averaged(ema) ? 'averageLogits' : 'logits', bytes);
        const part = crossEntropyOf(logits, examples.labels.subarray(from, from + count), network.classes);
        correct += part.correct;
        loss += part.loss;
      }
      return { correct, loss: loss / examples.count, count: examples.count };
    },
    weights(ema) {
      const vector = call(averaged(ema) ? 'average' : 'weights');
      return inOrder(network.parameters, unpack(vector, order));
    },
    state() {
      const vector = call('state');
      let at = 0;
      return {
        steps,
        slots: new Map(
          slots.map(([slot, parameters]) => {
            const size = ROW * rowsOf(parameters);
            const values = unpack(vector.subarray(at, (at += size)), parameters);
            const own = network.parameters.filter(({ name }) => values.has(name));
            return [slot, inOrder(own, values)];
          }),
        ),
      };
    },
    restore(state) {
      checkState(network, recipe, state);
      const parts = slots.map(([slot, parameters]) => pack(state.slots.get(slot) ?? new Map(), parameters));
      const vector = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
      let at = 0;
      for (const part of parts) {
        vector.set(part, at);
        at += part.length;
      }
      call('restore', vector);
      steps = state.steps;
    },
    dispose() {
      if (!open) return;
      open = false;
      leave(sound);
    },
  };

  function averaged(ema: boolean): boolean {
    return ema && recipe.emaDecay !== null;
  }

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

function inOrder(parameters: Network['parameters'], values: ReadonlyMap<string, Float32Array>): Weights {
  return new Map(parameters.map(({ name }) => [name, values.get(name) as Float32Array]));
}
