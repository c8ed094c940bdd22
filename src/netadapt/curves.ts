import type { CurveSample } from './state-schema.js';

/**
 * What a run knows of how latency falls with a dimension's width: measured points of an offset in ms against the
 * width at which the dimension was first met (negative: faster). Only differences within one interleaved session
 * enter, so that a drift of the machine between sessions does not.
 */
export interface Curve {
  readonly points: readonly CurveSample[];
}

export const NO_CURVE: Curve = Object.freeze({ points: Object.freeze([]) });

/**
 * The curve with one more measurement: from width `from` to width `to`, `savedMs` were saved. A newer measurement of
 * a width replaces an older one.
 */
export function withSaving(curve: Curve, from: number, to: number, savedMs: number): Curve {
  const start = curve.points.length === 0 ? 0 : offsetAt(curve, from);
  const others = curve.points.filter((point) => point.width !== to && point.width !== from);
  const points = [...others, { width: from, offsetMs: start }, { width: to, offsetMs: start - savedMs }].sort(
    (a, b) => a.width - b.width,
  );
  return { points };
}

/** Predicted saving in ms: piecewise linear between measured widths, extrapolated beyond the outermost. */
export function savingOf(curve: Curve, from: number, to: number): number {
  return offsetAt(curve, from) - offsetAt(curve, to);
}

/** The largest of the widths (given widest first) predicted to save enough; undefined when none does. */
export function largestWidth(
  curve: Curve,
  from: number,
  widths: readonly number[],
  neededMs: number,
): number | undefined {
  return widths.find((width) => savingOf(curve, from, width) >= neededMs);
}

function offsetAt(curve: Curve, width: number): number {
  const { points } = curve;
  const [first, second] = points;
  if (first === undefined) return 0;
  if (second === undefined) return first.offsetMs;
  const after = points.findIndex((point) => point.width >= width);
  const right = after === -1 ? points.length - 1 : Math.max(1, after);
  const a = points[right - 1] ?? first;
  const b = points[right] ?? second;
  return a.offsetMs + ((b.offsetMs - a.offsetMs) * (width - a.width)) / (b.width - a.width);
}
