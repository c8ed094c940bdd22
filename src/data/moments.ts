import type { Examples } from '../backends/index.js';

/** Per channel mean and standard deviation of the pixels of some rows, divided by 255; deviation at least 1/255. */
export function moments(
  examples: Examples,
  rows: Int32Array,
): { readonly mean: readonly number[]; readonly deviation: readonly number[] } {
  const [height, width, channels] = examples.shape;
  const size = height * width * channels;
  const sums = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (const row of rows) {
    let channel = 0;
    for (let at = row * size; at < (row + 1) * size; at++) {
      const value = examples.images[at] ?? 0;
      sums[channel] = (sums[channel] ?? 0) + value;
      squares[channel] = (squares[channel] ?? 0) + value * value;
      channel = channel + 1 === channels ? 0 : channel + 1;
    }
  }
  const pixels = Math.max(1, rows.length * height * width);
  const mean = Array.from(sums, (sum) => sum / pixels / 255);
  const deviation = Array.from(squares, (square, channel) => {
    const variance = square / pixels / 255 ** 2 - (mean[channel] ?? 0) ** 2;
    return Math.max(Math.sqrt(Math.max(variance, 0)), 1 / 255);
  });
  return { mean, deviation };
}
