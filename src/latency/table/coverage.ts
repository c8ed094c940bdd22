import type { Network } from '../../network/index.js';
import { knownSegment } from './key.js';
import type { TableModel } from './model.js';
import { patternOf, widthsOf } from './build/widths.js';

/** How much of some networks' latency stands on measured lines of a table. */
export interface Coverage {
  /** Of the time of all segments by the table, what is measured or lies between measured widths; 0 to 1. */
  readonly share: number;
  /** Segments beyond, the most time first, each once, with their share of the time. */
  readonly missing: readonly { readonly key: string; readonly share: number }[];
}

/**
 * Where a table's lines say nothing, segments are extrapolated by their work, from 224×224 to 16×16 without a bound on the
 * error. A segment is covered where it has its line, or where lines of the same sizes, kernels and activations have widths
 * on both sides of each of its own.
 * @param networks at least one
 */
export function coverageOf(model: TableModel, networks: readonly Network[]): Coverage {
  const ranges = new Map<string, { readonly least: number[]; readonly most: number[] }>();
  for (const key of Object.keys(model.table.entries)) {
    const segment = knownSegment(key);
    const widths = widthsOf(segment);
    const range = ranges.get(patternOf(segment));
    if (range === undefined) ranges.set(patternOf(segment), { least: [...widths], most: [...widths] });
    else
      for (const [i, width] of widths.entries()) {
        range.least[i] = Math.min(range.least[i] ?? width, width);
        range.most[i] = Math.max(range.most[i] ?? width, width);
      }
  }
  const isInside = (key: string): boolean => {
    const segment = knownSegment(key);
    const range = ranges.get(patternOf(segment));
    return (
      range !== undefined &&
      widthsOf(segment).every((width, i) => width >= (range.least[i] ?? 0) && width <= (range.most[i] ?? 0))
    );
  };
  let totalMs = 0;
  const beyond = new Map<string, number>();
  for (const network of networks)
    for (const { key, ms, known } of model.lookUp(network).lines) {
      totalMs += ms;
      if (!known && !isInside(key)) beyond.set(key, (beyond.get(key) ?? 0) + ms);
    }
  const missing = [...beyond]
    .map(([key, ms]) => ({ key, share: totalMs > 0 ? ms / totalMs : 0 }))
    .sort((a, b) => b.share - a.share);
  // Rounding may leave a little less than nothing.
  const share = Math.max(0, 1 - missing.reduce((sum, one) => sum + one.share, 0));
  return { share, missing };
}
