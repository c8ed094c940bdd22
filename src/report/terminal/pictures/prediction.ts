import { createCanvas } from './canvas.js';
import { line, paint } from '../style.js';
import { fit } from '../text.js';
import { axisOf } from './ticks.js';

export interface PredictionPoint {
  readonly predictedMs: number;
  readonly measuredMs: number;
}

export interface PredictionPictureOptions {
  /** Columns and lines of the whole picture; at least 40 × 12. */
  readonly width: number;
  readonly height: number;
  readonly colour: boolean;
}

/**
 * Predicted over measured latency in the terminal, both from the same range: a point per network, the line of equality,
 * and around it a band of a tenth.
 */
export function predictionPicture(
  points: readonly PredictionPoint[],
  options: PredictionPictureOptions,
): string {
  if (points.length === 0) return 'no network was measured: nothing to draw';
  const margin = 9;
  const width = Math.max(40, Math.floor(options.width)) - margin;
  const height = Math.max(12, Math.floor(options.height)) - 5;
  const all = points.flatMap(({ predictedMs, measuredMs }) => [predictedMs, measuredMs]);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const space = 0.05 * (most - least) || 0.05 * most;
  const [low, high] = [Math.max(0, least - space), most + space];
  const x = axisOf(low, high, Math.floor(width / 12));
  const y = axisOf(low, high, Math.floor(height / 3));
  const canvas = createCanvas(width, height);
  const share = (value: number) => (value - low) / (high - low);
  const column = (value: number) => Math.round(share(value) * (width - 1));
  const row = (value: number) => Math.round((1 - share(value)) * (height - 1));
  for (let at = 0; at < width; at++) {
    const measured = low + (at / (width - 1)) * (high - low);
    canvas.put(at, row(measured * 1.1), '·', 'quiet', 1);
    canvas.put(at, row(measured / 1.1), '·', 'quiet', 1);
    canvas.put(at, row(measured), '╱', 'quiet', 2);
  }
  for (const { predictedMs, measuredMs } of points) {
    const near = Math.abs(predictedMs / measuredMs - 1) <= 0.1;
    canvas.put(column(measuredMs), row(predictedMs), '●', near ? 'accent' : 'bad', 3);
  }

  const labels = new Map(y.ticks.map((tick) => [row(tick), tick.toFixed(y.decimals)]));
  const rows = canvas.rows(options.colour).map((content, at) => {
    const label = labels.get(at);
    const edge = paint(label === undefined ? '│' : '┤', 'quiet', options.colour);
    return `${fit(label ?? '', margin - 2, 'right')} ${edge}${content}`.trimEnd();
  });
  const base = Array.from({ length: width }, () => '─');
  const below = Array.from({ length: margin + width }, () => ' ');
  let free = 0;
  for (const tick of x.ticks) {
    const label = tick.toFixed(x.decimals);
    base[column(tick)] = '┬';
    const start = Math.min(margin + column(tick) - Math.floor(label.length / 2), below.length - label.length);
    if (start < free) continue;
    below.splice(start, label.length, ...label);
    free = start + label.length + 1;
  }
  const style = { width: margin + width, colour: options.colour };
  const title = 'measured, ms';
  return [
    line([['predicted, ms', 'title']], style),
    ...rows,
    `${' '.repeat(margin - 1)}${paint(`└${base.join('')}`, 'quiet', options.colour)}`,
    below.join('').trimEnd(),
    paint(`${' '.repeat(Math.max(0, margin + width - title.length))}${title}`, 'title', options.colour),
    line(
      [['●', 'accent'], ' network   ', ['╱', 'quiet'], ' equal   ', ['·', 'quiet'], ' a tenth more or less'],
      style,
    ),
  ].join('\n');
}
