import type { Network } from '../../../network/index.js';
import type { Examples } from '../../backend.js';
import type { StepRecipe } from '../../step-recipe.js';
import { foldInGraph, inferenceForward } from './forward.js';
import { gradientsOf, partsOf } from './gradients.js';
import type { Entry } from '../graph/functions.js';
import { createGraph, type Graph, type Ref } from '../graph/graph.js';
import { EVALUATED_PARTS, evaluatedAtOnce, normalisePixels, stepWords, unpackStep } from './input.js';
import { concatenate, multiply, split, sum } from '../graph/operations.js';
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
  const parameters = parametersOf(vectors);
  const parts = partsOf(g, feeds, recipe).map((part) =>
    gradientsOf(g, network, recipe, parameters, pictures, labels, part),
  );
  const updates = lists.map((list, i) => {
    const t = trainedVectors.get(names[i] as string);
    if (t !== undefined)
      return t.update(
        sum(
          g,
          parts.map(({ gradients }) => join(g, gradients, list)),
        ),
        feeds.learningRate,
      );
    const statistics = sum(
      g,
      parts.map((part) => join(g, part.statistics, list)),
    );
    return assign(
      g,
      vectors[i] as Variable,
      parts.length === 1 ? statistics : multiply(g, statistics, g.float(1 / parts.length)),
    );
  });
  const moved = averages.map((average, i) =>
    moveAverage(g, average, vectors[i] as Variable, feeds.averageDecay, [updates[i] as Ref]),
  );
  const pair = g.node(
    'Pack',
    [
      sum(
        g,
        parts.map(({ loss }) => loss),
      ),
      sum(
        g,
        parts.map(({ correct }) => correct),
      ),
    ],
    { T, N: attribute.int(2), axis: attribute.int(0) },
  );
  named(g, 'step', pair, [...updates, ...moved]);

  // Evaluation.
  const evaluatedParts = device === 'cpu' ? EVALUATED_PARTS : 1;
  const evaluated = evaluatedAtOnce(batch, training.shape) / evaluatedParts;
  const bytes = placeholder(g, 'bytes', [evaluated, ...training.shape], DType.uint8);
  const plain = normalisePixels(g, bytes, training.shape, evaluated, recipe.mean, recipe.deviation);
  const logitsBy = (from: readonly Variable[], name: string) => {
    const folded = foldInGraph(g, network, parametersOf(from), recipe.norm.epsilon);
    named(g, name, inferenceForward(g, network, folded, plain, evaluated));
  };
  logitsBy(vectors, 'logits');
  if (averages.length > 0) logitsBy(averages, 'averageLogits');
  const entries = ENTRIES.map((entry) =>
    entry.feed === 'bytes' ? { ...entry, parts: evaluatedParts } : entry,
  );
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
