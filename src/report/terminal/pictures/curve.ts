import { formatDuration, formatPercent } from '../../../core/index.js';
import type { CurvePoint } from '../../../trials/index.js';
import { brailleGrid } from './braille.js';
import { line, paint, type Style, type Tone } from '../style.js';
import { table, type Column } from '../tables/table.js';
import { fit, widthOf } from '../text.js';
import { axisOf, SHARES, type AxisBounds } from './ticks.js';

interface Series {
  readonly name: string;
  readonly tone: Tone;
  /** Epoch and value. */
  readonly points: readonly (readonly [number, number])[];
}

const MARGIN = 9;
const HEIGHT = 6;
/** Fewer points than this are shown by the table only. */
const LEAST_POINTS = 3;
const MOST_ROWS = 8;

/**
 * A learning curve: lines of loss and of accuracies over the epochs, side by side where they fit, and some of its points
 * as a table, the first and the last among them. Points without a finite value are left out of the lines.
 */
export function curvePicture(curve: readonly CurvePoint[], style: Style): string {
  if (curve.length === 0) return '';
  const pictures = curve.length < LEAST_POINTS ? [] : drawn(curve, style);
  return [...pictures, curveTable(curve, style)].join('\n');
}

function drawn(curve: readonly CurvePoint[], style: Style): string[] {
  const of = (value: (point: CurvePoint) => number | null): Series['points'] =>
    curve.flatMap((point) => {
      const found = value(point);
      return found === null || !Number.isFinite(found) ? [] : [[point.epoch, found] as const];
    });
  const loss: Series[] = [{ name: 'loss', tone: 'warm', points: of((point) => point.loss) }];
  const accuracies: Series[] = [
    { name: 'train accuracy', tone: 'accent', points: of((point) => point.trainAccuracy) },
    { name: 'held-out accuracy', tone: 'good', points: of((point) => point.accuracy) },
  ];
  const sideBySide = style.width >= 90;
  const width = Math.min(60, sideBySide ? Math.floor((style.width - 3) / 2) : style.width);
  const [left, right] = [plot(loss, width, style.colour), plot(accuracies, width, style.colour, SHARES)];
  if (!sideBySide) return [...left, '', ...right, ''];
  const rows = Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const first = left[row] ?? '';
    return `${first}${' '.repeat(Math.max(0, width - shownWidth(first)))}   ${right[row] ?? ''}`.trimEnd();
  });
  return [...rows, ''];
}

function shownWidth(text: string): number {
  return widthOf(text.replace(/\u001b\[[\d;]*m/g, ''));
}

/** Title line, the picture with its axis on the left, the epochs below. */
function plot(all: readonly Series[], width: number, colour: boolean, bounds: AxisBounds = {}): string[] {
  const series = all.filter(({ points }) => points.length > 0);
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return [];
  const columns = Math.max(8, width - MARGIN);
  const values = points.map(([, value]) => value);
  const epochs = points.map(([epoch]) => epoch);
  const axis = axisOf(Math.min(...values), Math.max(...values), 3, bounds);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const grid = brailleGrid(columns, HEIGHT);
  const x = (epoch: number) => (last > first ? ((epoch - first) / (last - first)) * (grid.width - 1) : 0);
  const y = (value: number) => (1 - (value - axis.low) / (axis.high - axis.low)) * (grid.height - 1);
  for (const { points: path, tone } of series) {
    for (const [index, [epoch, value]] of path.entries()) {
      const before = path[index - 1] ?? [epoch, value];
      grid.line([x(before[0]), y(before[1])], [x(epoch), y(value)], tone);
    }
  }
  const labels = new Map(
    axis.ticks.map((tick) => [Math.floor(y(tick) / 4), tick.toFixed(axis.decimals)] as const),
  );
  const rows = grid.rows(colour).map((content, row) => {
    const label = labels.get(row);
    const edge = paint(label === undefined ? '│' : '┤', 'quiet', colour);
    return `${fit(label ?? '', MARGIN - 2, 'right')} ${edge}${content}`.trimEnd();
  });
  const names = series.flatMap(({ name, tone }, index) => [
    index === 0 ? ' '.repeat(MARGIN) : '  ',
    ['━', tone] as const,
    ` ${name}`,
  ]);
  const [from, to] = [epochText(first), epochText(last)];
  const base = `${from} ${'─'.repeat(Math.max(1, columns - from.length - to.length - 2))} ${to}`;
  return [
    line(names, { width, colour }),
    ...rows,
    paint(`${' '.repeat(MARGIN - 7)}epochs ${base}`, 'quiet', colour),
  ];
}

function epochText(epoch: number): string {
  return Number.isInteger(epoch) ? String(epoch) : epoch.toFixed(2);
}

function curveTable(curve: readonly CurvePoint[], style: Style): string {
  const shown = thinned(curve);
  const columns: readonly Column<CurvePoint>[] = [
    { title: 'epoch', value: ({ epoch }) => epochText(epoch), align: 'right' },
    { title: 'step', value: ({ step }) => step },
    { title: 'loss', value: ({ loss }) => loss.toFixed(4), align: 'right' },
    { title: 'train', value: ({ trainAccuracy }) => formatPercent(trainAccuracy), align: 'right' },
    {
      title: 'held-out',
      value: ({ accuracy }) => (accuracy === null ? null : formatPercent(accuracy)),
      align: 'right',
    },
    { title: 'time', value: ({ seconds }) => formatDuration(seconds), align: 'right', optional: 1 },
  ];
  const left = curve.length - shown.length;
  return table(shown, columns, style) + (left === 0 ? '' : `\n(${left} of ${curve.length} points left out)`);
}

function thinned(curve: readonly CurvePoint[]): readonly CurvePoint[] {
  if (curve.length <= MOST_ROWS) return curve;
  const at = (index: number) => Math.round((index * (curve.length - 1)) / (MOST_ROWS - 1));
  return Array.from({ length: MOST_ROWS }, (_, index) => curve[at(index)]).filter(
    (point) => point !== undefined,
  );
}
