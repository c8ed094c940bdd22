const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A horizontal bar of `share` (0 … 1) of `width` columns, to an eighth of a column; never longer. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const whole = Math.floor(eighths / 8);
  const rest = EIGHTHS[eighths % 8] ?? '';
  return '█'.repeat(whole) + (whole === 0 && rest === '' && share > 0 ? '▏' : rest);
}

/** One character a value, lowest to highest; more values than `width` are averaged into groups. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.length <= width ? values : grouped(values, width);
  const low = Math.min(...shown);
  const high = Math.max(...shown);
  return shown
    .map((value) => HEIGHTS[high > low ? Math.round(((value - low) / (high - low)) * 7) : 3] ?? '')
    .join('');
}

function grouped(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * values.length) / count);
    const end = Math.max(start + 1, Math.floor(((i + 1) * values.length) / count));
    const group = values.slice(start, end);
    return group.reduce((sum, value) => sum + value, 0) / group.length;
  });
}

/** A histogram on one line; an empty bin is a space, a bin with anything in it is never one. */
export function histogram(values: readonly number[], low: number, high: number, width: number): string {
  const counts = new Array<number>(width).fill(0);
  for (const value of values) {
    const at = Math.floor(((value - low) / (high - low)) * width);
    const bin = Math.min(width - 1, Math.max(0, at));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  return counts
    .map((count) => (count === 0 ? ' ' : (HEIGHTS[Math.ceil((count / most) * 8) - 1] ?? ' ')))
    .join('');
}
