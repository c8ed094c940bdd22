import { formatPercent, NasError, type Ratio } from '../../core/index.js';
import { worstOf, type TrainedNetwork } from '../../export/index.js';

/** Two results of one output for the same pictures. */
export interface Compared {
  /** Who computed `found`, as a sentence begins. */
  readonly by: string;
  /** What the output is called. */
  readonly output: string;
  readonly found: ArrayLike<number>;
  readonly expected: ArrayLike<number>;
  readonly count: number;
  /** Largest difference, relative to the largest expected number. */
  readonly difference: number;
  readonly allowed: number;
}

/** The error for an export that computes something else: which picture, which class or place, by how much. */
export function computesOtherwise(compared: Compared, trained: TrainedNetwork): NasError {
  const { by, output, found, expected, count, difference, allowed } = compared;
  const worst = worstOf(found, expected, count);
  const classes = expected.length === count * trained.classes.length;
  const place = classes ? `class ${trained.classes[worst.place] ?? worst.place}` : `place ${worst.place}`;
  const numbers = `${worst.found.toPrecision(6)} instead of ${worst.expected.toPrecision(6)}`;
  return differs(
    `${by} ${output} differ from our forward pass by ${difference.toExponential(1)} of their largest ` +
      `(picture ${worst.picture + 1}, ${place}: ${numbers})`,
    `${allowed.toExponential(1)} at most, by how much rounding alone moves them`,
    trained,
  );
}

/** The error for an export that has other pictures right than its trial had. */
export function evaluatesOtherwise(
  {
    correct,
    count,
    undecided,
  }: { readonly correct: number; readonly count: number; readonly undecided: number },
  expected: number,
  trained: TrainedNetwork & { readonly accuracy: Ratio },
): NasError {
  const edge = undecided === 0 ? '' : `; ${undecided} of them so close that rounding decides`;
  return differs(
    `the exported network has ${correct} of ${count} pictures right${edge}`,
    `${expected} (${formatPercent(trained.accuracy)}), as trial ${trained.trial} had`,
    trained,
  );
}

function differs(found: string, expected: string, { trial }: TrainedNetwork): NasError {
  return new NasError({
    code: 'NAS_EXPORT_DIFFERS',
    found,
    expected,
    fix: trial === null ? REPORT : `${FURTHER} (nas retrain ${trial}); else ${REPORT}`,
  });
}

const FURTHER =
  'if it was trained for a few steps only, every program rounds it to other answers: train it further';
const REPORT = 'report this with the line above. Nothing was written';
