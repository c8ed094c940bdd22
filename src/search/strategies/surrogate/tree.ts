import type { Rng } from '../../../core/index.js';

/** Predicts a number from features. */
export type Model = (row: Uint8Array) => number;

export interface TreeSettings {
  /** Share of the features that each split looks at. */
  readonly featureShare: number;
  /** Fewest rows of a leaf. */
  readonly leaf: number;
}

type Node =
  number | { readonly feature: number; readonly most: number; readonly low: Node; readonly high: Node };

/**
 * A regression tree of the rows drawn (an index may come more than once): each split is the one of the least squared error
 * among some features drawn at random, each leaf the mean of its targets (Breiman 2001, "Random forests", §11).
 */
export function growTree(
  rows: readonly Uint8Array[],
  targets: Float64Array,
  drawn: Int32Array,
  { featureShare, leaf }: TreeSettings,
  rng: Rng,
): Model {
  const width = rows[0]?.length ?? 0;
  const looked = Math.max(1, Math.ceil(featureShare * width));
  const features = Int32Array.from({ length: width }, (_, i) => i);
  const sums = new Float64Array(256);
  const counts = new Int32Array(256);
  const random = quickIntegers(rng.integer(2 ** 32));
  const members = drawn.slice();
  const set = drawn.slice();

  function split(from: number, to: number): Node {
    const size = to - from;
    let total = 0;
    for (let k = from; k < to; k++) total += targets[members[k] as number] as number;
    const mean = total / size;
    if (size < 2 * leaf) return mean;
    let best = total * mean + 1e-12 * Math.abs(total * mean);
    let feature = -1;
    let most = 0;
    // One that is the same in all members can't split them; others are drawn in its place.
    for (let k = 0, useful = 0; k < width && useful < looked; k++) {
      const other = k + (random() % (width - k));
      const f = features[other] as number;
      features[other] = features[k] as number;
      features[k] = f;
      let [first, last] = [255, 0];
      for (let m = from; m < to; m++) {
        const i = members[m] as number;
        const bin = (rows[i] as Uint8Array)[f] as number;
        sums[bin] = (sums[bin] as number) + (targets[i] as number);
        counts[bin] = (counts[bin] as number) + 1;
        if (bin < first) first = bin;
        if (bin > last) last = bin;
      }
      if (first < last) useful++;
      let [below, sum] = [0, 0];
      for (let bin = first; bin <= last; bin++) {
        const count = counts[bin] as number;
        below += count;
        sum += sums[bin] as number;
        counts[bin] = 0;
        sums[bin] = 0;
        const above = size - below;
        if (count === 0 || below < leaf || above < leaf || above === 0) continue;
        const gain = (sum * sum) / below + ((total - sum) * (total - sum)) / above;
        if (gain <= best) continue;
        best = gain;
        feature = f;
        most = bin;
      }
    }
    if (feature < 0) return mean;
    let [low, high] = [from, 0];
    for (let m = from; m < to; m++) {
      const i = members[m] as number;
      if (((rows[i] as Uint8Array)[feature] as number) <= most) members[low++] = i;
      else set[high++] = i;
    }
    members.set(set.subarray(0, high), low);
    return { feature, most, low: split(from, low), high: split(low, to) };
  }

  const root = split(0, members.length);
  return (row) => {
    let node = root;
    while (typeof node !== 'number') node = (row[node.feature] as number) <= node.most ? node.low : node.high;
    return node;
  };
}

/**
 * Whole numbers in [0, 2³²) of no great quality and little cost (xorshift, Marsaglia 2003): a tree draws features a hundred
 * thousand times, and which ones hardly matters.
 */
function quickIntegers(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Rows of a tree at most: more would cost time that a search has better uses for. */
const MOST_ROWS = 400;

/** Trees, each of as many rows as there are, up to {@link MOST_ROWS}, drawn with replacement; a tree a part. */
export function* growTrees(
  trees: number,
  rows: readonly Uint8Array[],
  targets: Float64Array,
  settings: TreeSettings,
  rng: Rng,
): Generator<void, readonly Model[]> {
  const grown: Model[] = [];
  while (grown.length < trees) {
    const length = Math.min(rows.length, MOST_ROWS);
    const drawn = Int32Array.from({ length }, () => rng.integer(rows.length));
    grown.push(growTree(rows, targets, drawn, settings, rng));
    yield;
  }
  return grown;
}

export function meanOf(models: readonly Model[], row: Uint8Array): number {
  let sum = 0;
  for (const model of models) sum += model(row);
  return sum / models.length;
}
