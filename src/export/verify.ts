import type { Artifact } from './exporter.js';
import { runTfjs, type RunOptions } from './tfjs/run.js';

/** Pictures to run an export on, and what should come out. */
export interface Expectation {
  readonly count: number;
  /** count × H × W × C normalised pixels. */
  readonly input: Float32Array;
  /** The trained network's own answers, count × classes; null where unknown. */
  readonly logits: Float32Array | null;
  /** The right classes, one a picture; null where unknown. */
  readonly labels: ArrayLike<number> | null;
}

export interface Verification {
  readonly count: number;
  /** Largest difference of two logits, relative to the largest expected one; null without expected logits. */
  readonly error: number | null;
  /** Pictures put into the class that the expected logits put them into; null without expected logits. */
  readonly agreed: number | null;
  /** Right answers; null without labels. */
  readonly correct: number | null;
}

/**
 * Runs exported artifacts of format `tfjs` again and compares. The verdict is the caller's: sums in another order stay
 * below an error of 1e-4, a broken export does not. An answer that is not a number makes the error infinite.
 * @throws RangeError when arrays are not as long as `count` says (a bug)
 */
export async function verifyExport(
  artifacts: readonly Artifact[],
  { count, input, logits, labels }: Expectation,
  options: RunOptions = {},
): Promise<Verification> {
  const actual = await runTfjs(artifacts, input, options);
  if (logits !== null && logits.length !== actual.length)
    throw new RangeError(`${logits.length} expected logits, ${actual.length} came out`);
  if (labels !== null && labels.length !== count)
    throw new RangeError(`${labels.length} labels of ${count} pictures`);
  const answers = classesOf(actual, count);
  return {
    count,
    error: logits === null ? null : relativeError(actual, logits),
    agreed: logits === null ? null : matches(answers, classesOf(logits, count)),
    correct: labels === null ? null : matches(answers, labels),
  };
}

/**
 * Largest difference, relative to the largest expected number; infinite where one is not a number or the lengths differ.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] as number;
    const distance = Math.abs((actual[i] as number) - value);
    if (!Number.isFinite(distance)) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, distance);
    size = Math.max(size, Math.abs(value));
  }
  return difference === 0 ? 0 : difference / size;
}

/** Where two arrays of `count` pictures differ most. */
export interface Worst {
  /** From 0. */
  readonly picture: number;
  /** Place in the picture's own numbers, from 0: of logits the class. */
  readonly place: number;
  readonly found: number;
  readonly expected: number;
}

/** The largest difference of two arrays of equal length; one that is not a number before all others. */
export function worstOf(actual: ArrayLike<number>, expected: ArrayLike<number>, count: number): Worst {
  const each = expected.length / count;
  let [at, largest] = [0, -1];
  for (let i = 0; i < expected.length; i++) {
    const distance = Math.abs((actual[i] as number) - (expected[i] as number));
    const size = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    if (size > largest) [at, largest] = [i, size];
  }
  const picture = Math.floor(at / each);
  return { picture, place: at - picture * each, found: actual[at] ?? NaN, expected: expected[at] ?? NaN };
}

/** Per picture the class of the largest logit. */
export function classesOf(logits: Float32Array, count: number): readonly number[] {
  const classes = logits.length / count;
  if (!Number.isInteger(classes)) throw new RangeError(`${logits.length} logits of ${count} pictures`);
  return Array.from({ length: count }, (_, i) => {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}

function matches(answers: readonly number[], right: ArrayLike<number>): number {
  return answers.filter((answer, i) => answer === right[i]).length;
}
