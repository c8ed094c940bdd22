import type { Scalar } from '@tensorflow/tfjs-core';
import { createRng } from '../../core/index.js';
import { fold, type Network, type Weights } from '../../network/index.js';
import type { Examples, StepInput, StepOutput, TrainingProgram } from '../backend.js';
import type { StepRecipe } from '../step-recipe.js';
import { averageDecay, checkStep, checkTraining, crossEntropyOf } from '../evaluation.js';
import { forward, type BatchStatistics, type Tensor, type Tf } from './forward.js';
import { checkState, slotsOf, type ProgramState, type Slot } from '../program-state.js';
import { optimise, startState } from './optimiser.js';
import { augmentedPictures, plainPictures } from './pictures.js';

export function compileTraining(
  tf: Tf,
  network: Network,
  weights: Weights,
  recipe: StepRecipe,
  training: Examples,
): TrainingProgram {
  checkTraining(network, recipe, training);
  const { batch } = recipe;
  const current = copyOf(network, weights);
  const average = copyOf(network, weights);
  const trained = network.parameters.filter((parameter) => parameter.trained);
  const states = new Map(trained.map(({ name, size }) => [name, startState(size)]));
  let steps = 0;

  function step(input: StepInput): StepOutput {
    checkStep(input, batch);
    const { loss, correct, gradients, statistics } = stepGradients(
      tf,
      network,
      current,
      recipe,
      training,
      input,
    );
    for (const { name, role } of trained) {
      const values = current.get(name) as Float32Array;
      const gradient = gradients.get(name) as Float32Array;
      if (role === 'kernel')
        for (let i = 0; i < values.length; i++)
          gradient[i] = (gradient[i] as number) + recipe.weightDecay * (values[i] as number);
      optimise(recipe.optimiser, values, gradient, states.get(name) ?? startState(0), input.learningRate);
    }
    for (const [name, values] of statistics) blend(current.get(name), values, recipe.norm.momentum);
    if (recipe.emaDecay !== null) {
      const decay = averageDecay(recipe.emaDecay, steps);
      for (const [name, values] of average) blend(values, current.get(name), decay);
    }
    steps++;
    return { loss, correct };
  }

  /** Where a slot's numbers of a parameter live. */
  function numbersOf(slot: Slot, name: string): Float32Array {
    const values =
      slot === 'weights'
        ? current.get(name)
        : slot === 'average'
          ? average.get(name)
          : states.get(name)?.[slot];
    if (values === undefined) throw new RangeError(`no ${slot} of ${name}`);
    return values;
  }

  const chosen = (ema: boolean) => (ema && recipe.emaDecay !== null ? average : current);
  return {
    step,
    evaluate(examples, ema) {
      const folded = fold(network, chosen(ema), recipe.norm.epsilon);
      let correct = 0;
      let loss = 0;
      for (let from = 0; from < examples.count; from += batch) {
        const pictures = plainPictures(examples, from, batch, recipe);
        const logits = logitsOf(tf, folded.network, folded.weights, pictures, batch);
        const labels = examples.labels.subarray(from, Math.min(from + batch, examples.count));
        const part = crossEntropyOf(logits, labels, network.classes);
        correct += part.correct;
        loss += part.loss;
      }
      return { correct, loss: loss / examples.count, count: examples.count };
    },
    weights: (ema) => copyOf(network, chosen(ema)),
    state: (): ProgramState => ({
      steps,
      slots: new Map(
        [...slotsOf(network, recipe)].map(([slot, parameters]) => [
          slot,
          new Map(parameters.map(({ name }) => [name, numbersOf(slot, name).slice()])),
        ]),
      ),
    }),
    restore(state) {
      checkState(network, recipe, state);
      for (const [slot, values] of state.slots)
        for (const [name, numbers] of values) numbersOf(slot, name).set(numbers);
      steps = state.steps;
    },
    dispose: () => undefined,
  };
}

/** Logits of normalised pictures by folded weights. */
export function logitsOf(
  tf: Tf,
  network: Network,
  weights: Weights,
  pictures: Float32Array,
  batch: number,
): Float32Array {
  return tf.tidy(() => {
    const tensors = tensorsOf(tf, network, weights);
    const input = tf.tensor(pictures, [batch, ...network.input]);
    return forward(tf, network, (name) => tensors.get(name), input, { norm: null }).dataSync<'float32'>();
  });
}

interface StepGradients extends StepOutput {
  readonly gradients: ReadonlyMap<string, Float32Array>;
  /** Means and unbiased variances of the batch, by parameter name. */
  readonly statistics: ReadonlyMap<string, Float32Array>;
}

/** Means over the parts of the batch of what {@link gradientsOf} finds for each. */
function stepGradients(
  tf: Tf,
  network: Network,
  weights: Weights,
  recipe: StepRecipe,
  training: Examples,
  input: StepInput,
): StepGradients {
  const { parts = 1 } = recipe;
  const each = Array.from({ length: parts }, (_, place) =>
    gradientsOf(tf, network, weights, recipe, training, input, place),
  );
  const sum = (of: (part: StepGradients) => number) => each.reduce((total, part) => total + of(part), 0);
  const mean = (of: (part: StepGradients) => ReadonlyMap<string, Float32Array>) => {
    const lists = each.map(of);
    return new Map(
      [...(lists[0] as ReadonlyMap<string, Float32Array>)].map(([name, values]) => [
        name,
        values.map((_, i) => lists.reduce((total, list) => total + (list.get(name)?.[i] ?? NaN), 0) / parts),
      ]),
    );
  };
  return {
    loss: sum(({ loss }) => loss) / parts,
    correct: sum(({ correct }) => correct),
    gradients: mean(({ gradients }) => gradients),
    statistics: mean(({ statistics }) => statistics),
  };
}

/**
 * Loss and gradients of one part of a batch by tfjs's own differentiation, without weight decay.
 * @param place of the part; the only one unless given
 */
export function gradientsOf(
  tf: Tf,
  network: Network,
  weights: Weights,
  whole: StepRecipe,
  training: Examples,
  batch: StepInput,
  place = 0,
): StepGradients {
  const { parts = 1 } = whole;
  const recipe = { ...whole, batch: whole.batch / parts };
  const from = place * recipe.batch;
  const of = <A extends Int32Array | Uint8Array>(list: A) => list.slice(from, from + recipe.batch) as A;
  const { indices, top, left, flip } = batch;
  const input = { ...batch, indices: of(indices), top: of(top), left: of(left), flip: of(flip) };
  tf.engine().startScope();
  try {
    const all = tensorsOf(tf, network, weights);
    const names = network.parameters.filter(({ trained }) => trained).map(({ name }) => name);
    const pictures = tf.tensor(augmentedPictures(training, input, recipe), [recipe.batch, ...network.input]);
    const labels = Array.from(input.indices, (row) => training.labels[row] as number);
    const classes = network.classes;
    const targets = targetsOf(tf, labels, classes, recipe.labelSmoothing);
    const mask = recipe.dropout > 0 ? dropoutMask(tf, network, recipe, input.seed, from) : undefined;
    const seen: BatchStatistics[] = [];
    const results: Tensor[] = [];
    const lossOf = (...tensors: Tensor[]) => {
      const given = new Map(names.map((name, index) => [name, tensors[index]]));
      const parameter = (name: string) => given.get(name) ?? all.get(name);
      const report = (statistics: BatchStatistics) => {
        tf.keep(statistics.mean);
        tf.keep(statistics.variance);
        seen.push(statistics);
      };
      const logits = tf.keep(forward(tf, network, parameter, pictures, { norm: recipe.norm, report, mask }));
      results.push(logits);
      return tf.neg<Scalar>(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(logits)), -1)));
    };
    const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => all.get(name) as Tensor));
    const numbers = (tensor: Tensor) => tensor.dataSync<'float32'>().slice();
    const answers = (results[0] as Tensor).dataSync<'float32'>();
    const statistics = new Map(
      seen.flatMap(({ layer, mean, variance }) => [
        [`${layer}.mean`, numbers(mean)] as const,
        [`${layer}.variance`, numbers(variance)] as const,
      ]),
    );
    for (const { mean, variance } of seen) tf.dispose([mean, variance]);
    tf.dispose(results);
    return {
      loss: value.dataSync()[0] as number,
      correct: crossEntropyOf(answers, Uint16Array.from(labels), classes).correct,
      gradients: new Map(names.map((name, index) => [name, numbers(grads[index] as Tensor)])),
      statistics,
    };
  } finally {
    tf.engine().endScope();
  }
}

function tensorsOf(tf: Tf, network: Network, weights: Weights): Map<string, Tensor> {
  return new Map(
    network.parameters.map(({ name, shape }) => [
      name,
      tf.tensor(weights.get(name) as Float32Array, [...shape], 'float32'),
    ]),
  );
}

/** (1−s)·onehot + s/classes. */
function targetsOf(tf: Tf, labels: readonly number[], classes: number, smoothing: number): Tensor {
  const values = new Float32Array(labels.length * classes).fill(smoothing / classes);
  labels.forEach((label, row) => (values[row * classes + label] = 1 - smoothing + smoothing / classes));
  return tf.tensor(values, [labels.length, classes]);
}

/** @param from the first of its rows in the mask of the whole batch */
function dropoutMask(
  tf: Tf,
  network: Network,
  recipe: StepRecipe,
  seed: readonly [number, number],
  from: number,
): Tensor {
  const rng = createRng(`dropout/${seed.join('/')}`);
  const inputs = network.layers.at(-1)?.in[2] ?? 0;
  const keep = 1 - recipe.dropout;
  for (let skipped = 0; skipped < from * inputs; skipped++) rng.uniform();
  const values = Float32Array.from({ length: recipe.batch * inputs }, () =>
    rng.uniform() < keep ? 1 / keep : 0,
  );
  return tf.tensor(values, [recipe.batch, 1, 1, inputs]);
}

/** values ← decay·values + (1−decay)·towards. */
function blend(values: Float32Array | undefined, towards: Float32Array | undefined, decay: number): void {
  if (values === undefined || towards === undefined) throw new RangeError('no such parameter');
  for (let i = 0; i < values.length; i++)
    values[i] = decay * (values[i] as number) + (1 - decay) * (towards[i] as number);
}

function copyOf(network: Network, weights: Weights): Map<string, Float32Array> {
  return new Map(network.parameters.map(({ name }) => [name, (weights.get(name) as Float32Array).slice()]));
}
