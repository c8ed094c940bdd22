import type { Network } from '../../../network/index.js';
import type { StepRecipe } from '../../step-recipe.js';
import { output, type Graph, type Ref } from '../graph/graph.js';
import { cast, multiply, reduce, slice } from '../graph/operations.js';
import { attribute, DType } from '../graph/proto.js';
import type { Variable } from '../graph/variables.js';
import { backward, trainingForward, type Parameters } from './forward.js';
import { augment, gatherRows, type StepFeeds } from './input.js';

const T = attribute.type(DType.float);
const INT = attribute.type(DType.int32);

/** One part of a batch. */
export interface Part extends StepFeeds {
  readonly pictures: number;
  /** Its place among the parts. */
  readonly place: number;
}

/** A step's feeds cut into the recipe's parts. */
export function partsOf(g: Graph, feeds: StepFeeds, { batch, parts = 1 }: StepRecipe): readonly Part[] {
  const pictures = batch / parts;
  return Array.from({ length: parts }, (_, place) => {
    const of = (vector: Ref) =>
      parts === 1 ? vector : slice(g, vector, [place * pictures], [pictures], DType.int32);
    const { indices, top, left, flip } = feeds;
    return {
      ...feeds,
      ...{ indices: of(indices), top: of(top), left: of(left), flip: of(flip), pictures, place },
    };
  });
}

/** What a part adds to the step: shares of the batch's mean loss and its gradients, and the part's own statistics. */
export interface PartGradients {
  readonly loss: Ref;
  readonly correct: Ref;
  /** By parameter name. */
  readonly gradients: ReadonlyMap<string, Ref>;
  readonly statistics: ReadonlyMap<string, Ref>;
}

/** One part forward and backward. Parts share nothing but the parameters, so they can run concurrently. */
export function gradientsOf(
  g: Graph,
  network: Network,
  recipe: StepRecipe,
  parameters: Parameters,
  pictures: Variable,
  labels: Variable,
  part: Part,
): PartGradients {
  const own = { ...recipe, batch: part.pictures };
  const input = augment(g, gatherRows(g, pictures, part.indices), network.input, part, own);
  const mask = recipe.dropout > 0 ? dropoutMask(g, network, recipe, part) : undefined;
  const forward = trainingForward(g, network, parameters, input, part.pictures, recipe.norm, mask);
  const answers = gatherRows(g, labels, part.indices);
  const { loss, dLogits, correct } = crossEntropy(g, forward.logits, answers, network.classes, recipe);
  const gradients = backward(g, forward, parameters, dLogits, part.pictures, recipe.norm.epsilon);
  return { loss, correct, gradients, statistics: forward.statistics };
}

/**
 * Cross-entropy with (1−s)·onehot + s/classes as target, summed and divided by the whole batch, its gradient by the logits, correct
 * answers.
 */
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
  const share = g.float(1 / recipe.batch);
  return {
    loss: multiply(g, reduce(g, 'Sum', each, [0], false), share),
    dLogits: multiply(g, output(each, 1), share),
    correct: reduce(g, 'Sum', cast(g, hit, DType.bool, DType.float), [0], false),
  };
}

/** 1/(1−rate) with probability 1−rate, else 0, for the classifier's inputs: the part's rows of the batch's mask. */
function dropoutMask(g: Graph, network: Network, recipe: StepRecipe, part: Part): Ref {
  const inputs = network.layers.at(-1)?.in[2] ?? 0;
  const uniform = g.node('StatelessRandomUniform', [g.ints(recipe.batch, inputs), part.seed], {
    ...{ dtype: T, T: INT, Tseed: INT },
  });
  const rows = slice(g, uniform, [part.place * part.pictures, 0], [part.pictures, inputs]);
  const kept = g.node('GreaterEqual', [rows, g.float(recipe.dropout)], { T });
  return multiply(g, cast(g, kept, DType.bool, DType.float), g.float(1 / (1 - recipe.dropout)));
}
