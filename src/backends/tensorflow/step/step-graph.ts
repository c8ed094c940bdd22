import type { Network } from '../../../network/index.js';
import type { Examples } from '../../backend.js';
import type { StepRecipe } from '../../step-recipe.js';
import { backward, foldInGraph, inferenceForward, trainingForward } from './forward.js';
import type { Entry } from '../graph/functions.js';
import { createGraph, output, type Graph, type Ref } from '../graph/graph.js';
import {
  augment,
  gatherRows,
  EVALUATED_PARTS,
  evaluatedAtOnce,
  normalisePixels,
  stepWords,
  unpackStep,
} from './input.js';
import { cast, concatenate, multiply, reduce, split } from '../graph/operations.js';
import { moveAverage, trained, type Trained } from './optimiser.js';
import { attribute, DType, type Optimiser } from '../graph/proto.js';
import {
  assign,
  assignCopy,
  done,
  forget,
  named,
  placeholder,
  variable,
  type Variable,
} from '../graph/variables.js';
import { cut, join, ROW, rowsOf, sectionsOf } from './vectors.js';

const T = attribute.type(DType.float);
const INT = attribute.type(DType.int32);

export interface StepGraph {
  readonly nodes: Graph['nodes'];
  readonly entries: readonly Entry[];
}

/**
 * Everything one candidate needs, as one graph. Entries: `pictures` and `answers` take the training examples and
 * `start` all weights, once each, and `forget` gives their memory back; `step` takes the words of a step and gives
 * [loss, correct]; `weights`, `average`; `state` and `restore` give and take weights, average, velocity and square;
 * `logits`, `averageLogits` take the bytes of a batch to evaluate.
 */
export function buildStepGraph(
  network: Network,
  recipe: StepRecipe,
  training: Examples,
  device: Graph['device'] = 'cpu',
): StepGraph {
  const g = createGraph(device);
  const { batch } = recipe;
  const sections = sectionsOf(network);
  const lists = [sections.kernels, sections.others, sections.statistics].filter((list) => list.length > 0);
  const rows = lists.map(rowsOf);
  const names = lists.map((list) =>
    list === sections.kernels ? 'kernels' : list === sections.others ? 'others' : 'statistics',
  );
  const vectors = lists.map((_, i) => variable(g, names[i] as string, [rows[i] as number, ROW], DType.float));
  const averages =
    recipe.emaDecay === null
      ? []
      : lists.map((_, i) =>
          variable(g, `${names[i] as string}.average`, [rows[i] as number, ROW], DType.float),
        );
  const trainedVectors = new Map<string, Trained>(
    names
      .map((name, i) => [name, i] as const)
      .filter(([name]) => name !== 'statistics')
      .map(([name, i]) => [
        name,
        trained(
          g,
          vectors[i] as Variable,
          name,
          [rows[i] as number, ROW],
          recipe.optimiser,
          name === 'kernels' ? recipe.weightDecay : 0,
        ),
      ]),
  );

  // Set-up: examples and weights.
  const pictures = variable(g, 'examples', [training.count, ...training.shape], DType.uint8);
  const labels = variable(g, 'labels', [training.count], DType.int32);
  done(g, 'pictures', [
    assignCopy(g, pictures, placeholder(g, 'images', [training.count, ...training.shape], DType.uint8)),
  ]);
  done(g, 'answers', [assignCopy(g, labels, placeholder(g, 'classes', [training.count], DType.int32))]);
  const first = placeholder(g, 'first', [rows.reduce((a, b) => a + b, 0), ROW], DType.float);
  const starts = split(g, first, rows);
  done(g, 'start', [
    ...vectors.map((v, i) => assignCopy(g, v, starts[i] as Ref)),
    ...averages.map((v, i) => assignCopy(g, v, starts[i] as Ref)),
    ...[...trainedVectors.values()].flatMap((t) => t.start),
  ]);
  const memories = [...trainedVectors.values()].map((t) => t.memory);
  const remembered = [
    ...memories.map(({ velocity }) => velocity),
    ...memories.flatMap(({ square }) => (square === undefined ? [] : [square])),
  ];
  done(
    g,
    'forget',
    [pictures, labels, ...vectors, ...averages, ...remembered].map((v) => forget(g, v)),
  );
  const parametersOf = (from: readonly Variable[]) =>
    new Map(lists.flatMap((list, i) => [...cut(g, (from[i] as Variable).value, list)]));
  const all = (from: readonly Variable[]) =>
    concatenate(
      g,
      from.map((v) => v.value),
    );
  named(g, 'weights', all(vectors));
  if (averages.length > 0) named(g, 'average', all(averages));
  const kept = [...vectors, ...averages, ...remembered];
  named(g, 'state', all(kept));
  const trainedRows = rows.filter((_, i) => names[i] !== 'statistics');
  const keptRows = [
    ...rows,
    ...averages.flatMap((_, i) => rows.slice(i, i + 1)),
    ...remembered.flatMap((_, i) => trainedRows[i % trainedRows.length] ?? []),
  ];
  const restored = placeholder(g, 'restored', [keptRows.reduce((a, b) => a + b, 0), ROW], DType.float);
  const restoredPieces = split(g, restored, keptRows);
  done(
    g,
    'restore',
    kept.map((v, i) => assignCopy(g, v, restoredPieces[i] as Ref)),
  );

  // The step.
  const feeds = unpackStep(g, placeholder(g, 'words', [stepWords(batch)], DType.int32), batch);
  const input = augment(g, gatherRows(g, pictures, feeds.indices), training.shape, feeds, recipe);
  const parameters = parametersOf(vectors);
  const mask = recipe.dropout > 0 ? dropoutMask(g, network, recipe, feeds.seed) : undefined;
  const forward = trainingForward(g, network, parameters, input, batch, recipe.norm, mask);
  const answers = gatherRows(g, labels, feeds.indices);
  const { loss, dLogits, correct } = crossEntropy(g, forward.logits, answers, network.classes, recipe);
  const gradients = backward(g, forward, parameters, dLogits, batch, recipe.norm.epsilon);
  const updates = lists.map((list, i) => {
    const t = trainedVectors.get(names[i] as string);
    if (t === undefined) return assign(g, vectors[i] as Variable, join(g, forward.statistics, list));
    return t.update(join(g, gradients, list), feeds.learningRate);
  });
  const moved = averages.map((average, i) =>
    moveAverage(g, average, vectors[i] as Variable, feeds.averageDecay, [updates[i] as Ref]),
  );
  const pair = g.node('Pack', [loss, correct], { T, N: attribute.int(2), axis: attribute.int(0) });
  named(g, 'step', pair, [...updates, ...moved]);

  // Evaluation.
  const parts = device === 'cpu' ? EVALUATED_PARTS : 1;
  const evaluated = evaluatedAtOnce(batch, training.shape) / parts;
  const bytes = placeholder(g, 'bytes', [evaluated, ...training.shape], DType.uint8);
  const plain = normalisePixels(g, bytes, training.shape, evaluated, recipe.mean, recipe.deviation);
  const logitsBy = (from: readonly Variable[], name: string) => {
    const folded = foldInGraph(g, network, parametersOf(from), recipe.norm.epsilon);
    named(g, name, inferenceForward(g, network, folded, plain, evaluated));
  };
  logitsBy(vectors, 'logits');
  if (averages.length > 0) logitsBy(averages, 'averageLogits');
  const entries = ENTRIES.map((entry) => (entry.feed === 'bytes' ? { ...entry, parts } : entry));
  return {
    nodes: g.nodes,
    entries: averages.length > 0 ? entries : entries.filter(({ name }) => !ofAverage(name)),
  };
}

/** Fusing convolution, bias and activation pays where nothing is differentiated; arithmetic makes h-swish what is fused. */
const FUSED: readonly Optimiser[] = ['arithmeticOptimization', 'remapping'];

const ENTRIES: readonly Entry[] = [
  { name: 'pictures', feed: 'images', optimisers: [] },
  { name: 'answers', feed: 'classes', optimisers: [] },
  { name: 'start', feed: 'first', optimisers: [] },
  { name: 'forget', optimisers: [] },
  { name: 'step', feed: 'words', optimisers: [] },
  { name: 'weights', optimisers: [] },
  { name: 'average', optimisers: [] },
  { name: 'state', optimisers: [] },
  { name: 'restore', feed: 'restored', optimisers: [] },
  { name: 'logits', feed: 'bytes', optimisers: FUSED },
  { name: 'averageLogits', feed: 'bytes', optimisers: FUSED },
];

const ofAverage = (name: string) => name.startsWith('average');

/** Mean cross-entropy with (1−s)·onehot + s/classes as target, its gradient by the logits, correct answers. */
function crossEntropy(g: Graph, logits: Ref, answers: Ref, classes: number, recipe: StepRecipe) {
  const off = recipe.labelSmoothing / classes;
  const targets = g.node(
    'OneHot',
    [answers, g.int(classes), g.float(1 - recipe.labelSmoothing + off), g.float(off)],
    { T, TI: INT, axis: attribute.int(-1) },
  );
  const each = g.node('SoftmaxCrossEntropyWithLogits', [logits, targets], { T });
  const best = g.node('ArgMax', [logits, g.int(-1)], { T, Tidx: INT, output_type: INT });
  const hit = g.node('Equal', [best, answers], { T: INT });
  return {
    loss: reduce(g, 'Mean', each, [0], false),
    dLogits: multiply(g, output(each, 1), g.float(1 / recipe.batch)),
    correct: reduce(g, 'Sum', cast(g, hit, DType.bool, DType.float), [0], false),
  };
}

/** 1/(1−rate) with probability 1−rate, else 0, for the classifier's inputs. */
function dropoutMask(g: Graph, network: Network, recipe: StepRecipe, seed: Ref): Ref {
  const classifier = network.layers.at(-1);
  const shape = g.ints(recipe.batch, classifier?.in[2] ?? 0);
  const uniform = g.node('StatelessRandomUniform', [shape, seed], { dtype: T, T: INT, Tseed: INT });
  const kept = g.node('GreaterEqual', [uniform, g.float(recipe.dropout)], { T });
  return multiply(g, cast(g, kept, DType.bool, DType.float), g.float(1 / (1 - recipe.dropout)));
}
