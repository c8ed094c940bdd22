import type { Examples } from '../backends/index.js';
import { NasError, formatPercent } from '../core/index.js';
import { loadData, loadTest, takeRows } from '../data/index.js';
import { classesOf, type TrainedNetwork } from '../export/index.js';
import type { StudySpec } from './spec.js';

export interface Verified {
  readonly correct: number;
  readonly count: number;
  readonly accuracy: number;
}

/** Sums in another order may move a picture at the very edge of two classes: so many in a thousand are forgiven, none of a few. */
const FORGIVEN = 1 / 1000;

/** The pictures that the stored accuracy was counted on. */
export async function judgedPictures(spec: StudySpec, trained: TrainedNetwork): Promise<Examples> {
  const data = await loadData({ ...spec.data, seed: spec.seed });
  return trained.judge === 'test' ? loadTest(data) : takeRows(data.training, data.split.validation);
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
 * Counts right answers and holds them against the stored accuracy. `logits`: count × classes.
 * @throws NasError `NAS_EXPORT_DIFFERS` when they are others
 */
export function requireStoredAccuracy(
  logits: Float32Array,
  { count, labels }: Pick<Examples, 'count' | 'labels'>,
  trained: TrainedNetwork,
): Verified {
  const answers = classesOf(logits, count);
  const correct = labels.reduce((sum, label, i) => sum + (answers[i] === label ? 1 : 0), 0);
  const expected = Math.round(trained.accuracy * count);
  if (Math.abs(correct - expected) > Math.ceil(FORGIVEN * count - 0.2)) {
    throw differs(
      `the exported network has ${correct} of ${count} right`,
      `${expected} (${formatPercent(trained.accuracy)}), as trial ${trained.trial} had`,
    );
  }
  return { correct, count, accuracy: correct / count };
}

export function differs(found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_EXPORT_DIFFERS',
    found,
    expected,
    fix: 'please report this; nothing was written',
  });
}
