import type { Shape } from '../../../space/index.js';
import type { StepRecipe } from '../../step-recipe.js';
import type { Graph, Ref } from '../graph/graph.js';
import { add, cast, multiply, reshape, slice } from '../graph/operations.js';
import { attribute, DType } from '../graph/proto.js';
import { dimensions } from './shapes.js';
import type { Variable } from '../graph/variables.js';

const INT = attribute.type(DType.int32);

/** The most pictures that one call evaluates, and the most pixels. */
const MOST_JUDGED = 256;
const MOST_PIXELS = 2 ** 18;

/** Parts of a call that a processor evaluates concurrently; a card takes the whole. */
export const EVALUATED_PARTS = 2;

/**
 * Pictures evaluated in one call, a multiple of {@link EVALUATED_PARTS}. More than a step's batch where pictures are small, whose
 * operations are short. Larger pictures would need much memory and gain nothing.
 */
export function evaluatedAtOnce(batch: number, [height, width]: readonly [number, number, number]): number {
  const most = Math.max(batch, Math.min(MOST_JUDGED, Math.floor(MOST_PIXELS / (height * width))));
  return Math.ceil(most / EVALUATED_PARTS) * EVALUATED_PARTS;
}

/** What a step is fed, taken apart; see {@link packStep}. */
export interface StepFeeds {
  readonly indices: Ref;
  readonly top: Ref;
  readonly left: Ref;
  readonly flip: Ref;
  readonly seed: Ref;
  readonly learningRate: Ref;
  readonly averageDecay: Ref;
}

/** Number of 32-bit words a step is fed: indices, top, left, flip (a batch each), seed, rate and decay. */
export function stepWords(batch: number): number {
  return 4 * batch + 4;
}

export function unpackStep(g: Graph, words: Ref, batch: number): StepFeeds {
  const vector = (index: number) => slice(g, words, [index * batch], [batch], DType.int32);
  const float = (index: number) =>
    g.node('Bitcast', [reshape(g, slice(g, words, [index], [1], DType.int32), [], DType.int32)], {
      T: INT,
      type: attribute.type(DType.float),
    });
  return {
    indices: vector(0),
    top: vector(1),
    left: vector(2),
    flip: vector(3),
    seed: slice(g, words, [4 * batch], [2], DType.int32),
    learningRate: float(4 * batch + 2),
    averageDecay: float(4 * batch + 3),
  };
}

/** Rows of a variable. */
export function gatherRows(g: Graph, from: Variable, indices: Ref): Ref {
  return g.node('ResourceGather', [from.handle, indices], {
    dtype: attribute.type(from.type),
    Tindices: INT,
    batch_dims: attribute.int(0),
    validate_indices: attribute.bool(true),
  });
}

/**
 * Crops and mirrors each picture of a batch of bytes [batch,H,W,C] and normalises it. Both are one gather of
 * pixels: place (i, j) of a result is pixel (top+i−pad, left+j'−pad), j' = W−1−j where mirrored; outside is black.
 */
export function augment(
  g: Graph,
  pictures: Ref,
  shape: Shape,
  feeds: StepFeeds,
  { batch, pad, mean, deviation }: StepRecipe,
): Ref {
  const [height, width, channels] = shape;
  const row = placed(g, g.ints(...range(height).map((i) => i - pad)), feeds.top, batch);
  const turn = g.ints(...range(width).map((j) => width - 1 - 2 * j));
  const mirrored = integer(
    g,
    'AddV2',
    g.ints(...range(width).map((j) => j - pad)),
    integer(g, 'Mul', column(g, feeds.flip, batch), turn),
  );
  const place = placed(g, mirrored, feeds.left, batch);
  const y = bounded(g, row, height - 1);
  const x = bounded(g, place, width - 1);
  const start = g.constant(
    [batch, 1],
    Int32Array.from(range(batch), (b) => b * height * width),
  );
  const rowStart = integer(g, 'AddV2', integer(g, 'Mul', y, g.int(width)), start);
  const pixels = integer(
    g,
    'AddV2',
    reshape(g, rowStart, [batch, height, 1], DType.int32),
    reshape(g, x, [batch, 1, width], DType.int32),
  );
  const flat = reshape(g, pictures, [batch * height * width, channels], DType.uint8);
  const moved = g.node('GatherV2', [flat, pixels, g.int(0)], {
    Tparams: attribute.type(DType.uint8),
    Tindices: INT,
    Taxis: INT,
  });
  let inside: Ref | undefined;
  if (pad > 0)
    inside = multiply(
      g,
      reshape(g, equal(g, row, y), [batch, height, 1, 1]),
      reshape(g, equal(g, place, x), [batch, 1, width, 1]),
    );
  return normalisePixels(g, moved, shape, batch, mean, deviation, inside);
}

/** Bytes [batch,H,W,C] as (pixel/255 − mean)/deviation; `inside` 0 makes a pixel black before that. */
export function normalisePixels(
  g: Graph,
  bytes: Ref,
  shape: Shape,
  batch: number,
  mean: readonly number[],
  deviation: readonly number[],
  inside?: Ref,
): Ref {
  const gain = g.floats(...deviation.map((d) => 1 / (255 * d)));
  const shift = g.floats(...mean.map((m, c) => -m / (deviation[c] as number)));
  let pixels = cast(g, bytes, DType.uint8, DType.float);
  if (inside !== undefined) pixels = multiply(g, pixels, inside);
  const normal = add(g, multiply(g, pixels, gain), shift);
  return reshape(g, normal, dimensions(shape, batch));
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

const integer = (g: Graph, op: 'AddV2' | 'Mul' | 'Minimum' | 'Maximum', a: Ref, b: Ref) =>
  g.node(op, [a, b], { T: INT });

const column = (g: Graph, vector: Ref, batch: number) => reshape(g, vector, [batch, 1], DType.int32);

const placed = (g: Graph, places: Ref, origin: Ref, batch: number) =>
  integer(g, 'AddV2', places, column(g, origin, batch));

const bounded = (g: Graph, x: Ref, top: number) =>
  integer(g, 'Maximum', integer(g, 'Minimum', x, g.int(top)), g.int(0));

const equal = (g: Graph, a: Ref, b: Ref) =>
  cast(g, g.node('Equal', [a, b], { T: INT }), DType.bool, DType.float);
