import { quantile } from '../../../core/index.js';
import { createCanvas } from './canvas.js';
import { paint } from '../style.js';

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const LINES = 4;

/** Where the marks below the bars stand, on the axis of the samples. */
export interface HistogramMarks {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly p90: number;
}

/**
 * Samples as bars of equal bins, with the median (`▲`), its interval (`├─┤`) and the 90th percentile (`△`) below. What is
 * slower than 98 % of the samples is in the last bin. A bin with anything in it is never empty.
 * @param width columns of the bars; at least 8
 */
export function histogramPicture(
  samples: readonly number[],
  marks: HistogramMarks,
  width: number,
  colour: boolean,
): string[] {
  const low = Math.min(...samples, marks.low);
  const high = Math.max(quantile(samples, 0.98), marks.high, marks.p90, low + 1e-9);
  const bin = (value: number) =>
    Math.min(width - 1, Math.max(0, Math.floor(((value - low) / (high - low)) * width)));
  const counts = new Array<number>(width).fill(0);
  for (const value of samples) counts[bin(value)] = (counts[bin(value)] ?? 0) + 1;
  const most = Math.max(...counts);

  const bars = createCanvas(width, LINES);
  for (const [column, count] of counts.entries()) {
    const eighths = count === 0 ? 0 : Math.max(1, Math.round((count / most) * LINES * 8));
    for (let row = 0; row < LINES; row++) {
      const filled = Math.min(8, eighths - 8 * (LINES - 1 - row));
      if (filled > 0) bars.put(column, row, HEIGHTS[filled - 1] ?? '█', 'accent');
    }
  }
  const below = createCanvas(width, 1);
  for (let column = bin(marks.low); column <= bin(marks.high); column++) below.put(column, 0, '─', 'good', 1);
  below.put(bin(marks.low), 0, '├', 'good', 2);
  below.put(bin(marks.high), 0, '┤', 'good', 2);
  below.put(bin(marks.p90), 0, '△', 'warm', 3);
  below.put(bin(marks.median), 0, '▲', 'mark', 4);

  const count = `${most} ▕`;
  const empty = `${' '.repeat(count.length - 1)}▕`;
  const [from, to] = [low.toPrecision(4), `${high.toPrecision(4)} ms`];
  const space = ' '.repeat(Math.max(1, width - from.length - to.length));
  return [
    ...bars.rows(colour).map((row, index) => `${paint(index === 0 ? count : empty, 'quiet', colour)}${row}`),
    `${' '.repeat(count.length)}${below.rows(colour).join('')}`.trimEnd(),
    paint(`${' '.repeat(count.length)}${from}${space}${to}`, 'quiet', colour),
  ];
}
