import type { Examples } from '../../backends/index.js';
import { loadData, loadTest, takeRows } from '../../data/index.js';
import { classesOf, type TrainedNetwork } from '../../export/index.js';
import { evaluatesOtherwise } from '../study/differing.js';
import { allowance } from './rounding.js';
import type { StudySpec } from '../study/spec.js';

export interface Verified {
  readonly correct: number;
  readonly count: number;
  readonly accuracy: number;
}

/** Sums in another order may move a picture at the very edge of two classes: this share in a thousand is tolerated, none of a few. */
const FORGIVEN = 1 / 1000;

/** The pictures that the stored accuracy was counted on. */
export async function evaluationPictures(spec: StudySpec, trained: TrainedNetwork): Promise<Examples> {
  const data = await loadData({ ...spec.data, seed: spec.seed });
  return trained.evaluationSplit === 'test' ? loadTest(data) : takeRows(data.training, data.split.validation);
}

/** Pixels as networks read them, in the same order. */
export function normalised(
  { images, shape }: Pick<Examples, 'images' | 'shape'>,
  { mean, deviation }: Pick<TrainedNetwork, 'mean' | 'deviation'>,
): Float32Array {
  const channels = shape[2];
  const scale = deviation.map((value) => 1 / (255 * value));
  const shift = mean.map((value, channel) => value / (deviation[channel] ?? 1));
  return Float32Array.from(
    images,
    (pixel, at) => pixel * (scale[at % channels] ?? 0) - (shift[at % channels] ?? 0),
  );
}

/**
 * Counts right answers and holds them against the stored accuracy. Where they differ, the pictures are examined whose
 * answer is within what rounding moves the logits by: those may have been right or wrong when the accuracy was counted.
 * `logits`: count × classes.
 * @param shaken the logits of the same network with its weights nudged (`nudged`); asked for only then
 * @throws NasError `NAS_EXPORT_DIFFERS` when they are others
 */
export async function requireStoredAccuracy(
  logits: Float32Array,
  { count, labels }: Pick<Examples, 'count' | 'labels'>,
  trained: TrainedNetwork,
  shaken: () => Promise<Float32Array>,
): Promise<Verified> {
  const { accuracy } = trained;
  if (accuracy === null) throw new RangeError('a network without a stored accuracy');
  const answers = classesOf(logits, count);
  const isRight = (i: number): boolean => answers[i] === labels[i];
  const pictures = Array.from({ length: count }, (_, i) => i);
  const correct = pictures.filter(isRight).length;
  const expected = Math.round(accuracy * count);
  const forgiven = Math.ceil(FORGIVEN * count - 0.2);
  if (Math.abs(correct - expected) > forgiven) {
    const undecided = undecidedPictures(logits, await shaken(), labels, count);
    const most = pictures.filter((i) => isRight(i) || undecided.has(i)).length;
    const least = pictures.filter((i) => isRight(i) && !undecided.has(i)).length;
    if (expected > most + forgiven || expected < least - forgiven)
      throw evaluatesOtherwise({ correct, count, undecided: undecided.size }, expected, {
        ...trained,
        accuracy,
      });
  }
  return { correct, count, accuracy: correct / count };
}

/** Pictures whose own class is as close to the best of the others as rounding may move the two. */
export function undecidedPictures(
  logits: Float32Array,
  shaken: Float32Array,
  labels: ArrayLike<number>,
  count: number,
): ReadonlySet<number> {
  const classes = logits.length / count;
  const found = new Set<number>();
  for (let i = 0; i < count; i++) {
    const [from, to] = [i * classes, (i + 1) * classes];
    const row = logits.subarray(from, to);
    const size = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const allowed = size * allowance(row, shaken.subarray(from, to));
    const own = row[labels[i] as number] as number;
    const other = row.reduce((most, value, c) => (c === labels[i] ? most : Math.max(most, value)), -Infinity);
    if (Math.abs(own - other) <= 2 * allowed) found.add(i);
  }
  return found;
}
