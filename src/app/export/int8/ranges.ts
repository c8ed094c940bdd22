import type { OnnxSession } from '../../../backends/index.js';
import { ONNX_INPUT, type Range } from '../../../export/index.js';
import { channelsFirst } from '../onnx-runner.js';

/** Normalised pictures, channels last. */
export interface Pictures {
  readonly count: number;
  readonly shape: readonly [number, number, number];
  readonly values: Float32Array;
}

/** How ranges are taken: share of a value's numbers within its range; 1 for all of them. */
export type Coverage = number;

export type Ranges = (coverage: Coverage) => (value: string) => Range | undefined;

const BINS = 4096;
/** Numbers of a batch's values together, 4 bytes each. */
const MOST_NUMBERS = 2 ** 25;

/**
 * What the values of a network are in, observed on pictures: a first pass finds the smallest and largest number of each, a
 * second one counts the numbers between them.
 * @param session gives every value by its name
 */
export async function observeRanges(session: OnnxSession, pictures: Pictures): Promise<Ranges> {
  const whole = new Map<string, Range>();
  await eachBatch(session, pictures, (name, values) => {
    let { low, high } = whole.get(name) ?? { low: 0, high: 0 };
    for (const value of values) {
      if (value < low) low = value;
      else if (value > high) high = value;
    }
    whole.set(name, { low, high });
  });
  const counts = new Map([...whole.keys()].map((name) => [name, new Float64Array(BINS)]));
  await eachBatch(session, pictures, (name, values) => {
    const [{ low, high }, bins] = [whole.get(name) as Range, counts.get(name) as Float64Array];
    const perBin = BINS / (high - low);
    if (!Number.isFinite(perBin)) return;
    for (const value of values) {
      const bin = Math.min(BINS - 1, Math.floor((value - low) * perBin));
      bins[bin] = (bins[bin] as number) + 1;
    }
  });
  return (coverage) => (name) => {
    const range = whole.get(name);
    if (range === undefined) return undefined;
    return coverage >= 1 ? range : rangeWithin(range, counts.get(name) as Float64Array, coverage);
  };
}

/** The range that leaves out half of what is beyond the coverage at each end. */
export function rangeWithin({ low, high }: Range, bins: Float64Array, coverage: Coverage): Range {
  const all = bins.reduce((sum, count) => sum + count, 0);
  const beyond = ((1 - coverage) * all) / 2;
  const step = (high - low) / bins.length;
  const cut = (from: number, direction: 1 | -1): number => {
    let seen = 0;
    let bin = from;
    while (bin >= 0 && bin < bins.length && seen + (bins[bin] as number) <= beyond) {
      seen += bins[bin] as number;
      bin += direction;
    }
    return bin;
  };
  const [first, last] = [cut(0, 1), cut(bins.length - 1, -1)];
  if (first > last) return { low, high };
  return { low: Math.min(0, low + first * step), high: Math.max(0, low + (last + 1) * step) };
}

async function eachBatch(
  session: OnnxSession,
  { count, shape, values }: Pictures,
  see: (name: string, values: Float32Array) => void,
): Promise<void> {
  const [height, width, channels] = shape;
  const each = height * width * channels;
  let batch = 1;
  for (let from = 0; from < count;) {
    const size = Math.min(batch, count - from);
    const input = channelsFirst(values.subarray(from * each, (from + size) * each), size, channels);
    see(ONNX_INPUT, input);
    const results = await session.run({
      [ONNX_INPUT]: { shape: [size, channels, height, width], values: input },
    });
    let numbers = 0;
    for (const [name, { values: found }] of Object.entries(results)) {
      see(name, found as Float32Array);
      numbers += found.length;
    }
    from += size;
    batch = Math.min(64, Math.max(1, Math.floor((MOST_NUMBERS * size) / numbers)));
  }
}
