import type { Backend, Examples } from '../backends/index.js';
import type { Network, Weights } from '../network/index.js';
import type { Evaluation } from './evaluate-program.js';
import { noTimingLock, within, type TimingLock } from './timing-lock.js';

export interface EvaluateOptions {
  readonly backend: Backend;
  readonly network: Network;
  readonly weights: Weights;
  readonly examples: Examples;
  /** Of the data set the weights were trained on. */
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
  /** Batch normalisation's epsilon, of the recipe. */
  readonly epsilon: number;
  /** Pictures per run, 100 unless given; the result does not depend on it but for rounding. */
  readonly batch?: number;
  readonly timingLock?: TimingLock;
}

/**
 * Evaluates stored weights with the folded inference network. Folding rounds differently from training's evaluation:
 * pictures at the very edge of two classes may change sides.
 */
export function evaluateWeights(options: EvaluateOptions): Evaluation {
  const { backend, network, weights, examples, timingLock = noTimingLock, batch = 100 } = options;
  const size = examples.shape[0] * examples.shape[1] * examples.shape[2];
  const normalise = normaliser(options.mean, options.deviation);
  const program = within(timingLock, () =>
    backend.compileInference(network, weights, { batch, epsilon: options.epsilon }),
  );
  try {
    const input = new Float32Array(batch * size);
    let correct = 0;
    let loss = 0;
    for (let from = 0; from < examples.count; from += batch) {
      const rows = Math.min(batch, examples.count - from);
      input.fill(0);
      normalise(examples.images.subarray(from * size, (from + rows) * size), input);
      const logits = within(timingLock, () => program.run(input));
      for (let row = 0; row < rows; row++) {
        const scores = logits.subarray(row * network.classes, (row + 1) * network.classes);
        const label = examples.labels[from + row] ?? -1;
        if (indexOfLargest(scores) === label) correct++;
        loss += crossEntropy(scores, label);
      }
    }
    const { count } = examples;
    return { correct, count, accuracy: correct / count, loss: loss / count };
  } finally {
    program.dispose();
  }
}

/** (pixel/255 − mean)/deviation per channel, through one table per channel. */
function normaliser(mean: readonly number[], deviation: readonly number[]) {
  const tables = mean.map((centre, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - centre) / (deviation[channel] ?? 1)),
  );
  return (pixels: Uint8Array, into: Float32Array): void => {
    for (let at = 0; at < pixels.length; at++)
      into[at] = tables[at % tables.length]?.[pixels[at] ?? 0] ?? Number.NaN;
  };
}

/** The first index of the largest number; −1 when there is none, as among NaN. */
function indexOfLargest(values: Float32Array): number {
  let best = -1;
  values.forEach((value, index) => {
    if (best < 0 ? !Number.isNaN(value) : value > (values[best] ?? Number.NaN)) best = index;
  });
  return best;
}

function crossEntropy(logits: Float32Array, label: number): number {
  const top = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, value) => total + Math.exp(value - top), 0);
  return Math.log(sum) + top - (logits[label] ?? Number.NaN);
}
