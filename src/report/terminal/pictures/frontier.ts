import { formatMs } from '../../../core/index.js';
import { createCanvas, type Canvas } from './canvas.js';
import { pointText, type FrontierPoint } from '../../view/points.js';
import { line, paint, type Tone } from '../style.js';
import { fit } from '../text.js';
import { axisOf, SHARES, type Axis, type AxisBounds } from './ticks.js';

export interface PictureOptions {
  readonly targetMs: number | null;
  /** Columns and lines of the whole picture; at least 40 × 10. */
  readonly width: number;
  readonly height: number;
  readonly colour: boolean;
  /** Trial to mark as the best; default: the most accurate one within the target. */
  readonly best?: number;
}

interface Mark {
  readonly character: string;
  readonly tone: Tone | undefined;
  readonly rank: number;
  readonly label: string;
}

const MARKS = {
  proposal: { character: '·', tone: 'quiet', rank: 2, label: 'proposal' },
  sample: { character: '○', tone: undefined, rank: 4, label: 'sampled' },
  frontier: { character: '●', tone: 'accent', rank: 6, label: 'frontier' },
  netadapt: { character: '◆', tone: 'warm', rank: 5, label: 'NetAdapt step' },
  retrain: { character: '▲', tone: 'good', rank: 7, label: 'retrained (test set)' },
  best: { character: '★', tone: 'mark', rank: 8, label: 'best' },
} as const satisfies Record<string, Mark>;
type MarkName = keyof typeof MARKS;

/** Draws and maps one picture's plot area; columns and rows count from the top left. */
interface Plot {
  readonly canvas: Canvas;
  readonly x: Axis;
  readonly y: Axis;
  column(latencyMs: number): number;
  row(accuracy: number): number;
}

/**
 * Accuracy over latency in the terminal: trials, their frontier as a stair, the target as a vertical line, the best,
 * NetAdapt's steps and the retrained network in their own marks; a legend below. Points far off (more than twice
 * the target or the frontier's latency, or far below all others) are drawn as arrows at the edge.
 */
export function frontierPicture(points: readonly FrontierPoint[], options: PictureOptions): string {
  const width = Math.max(40, Math.floor(options.width));
  const height = Math.max(10, Math.floor(options.height));
  if (points.length === 0) return 'no trial has finished yet: nothing to draw';
  const frontier = points.filter((point) => point.frontier).sort((a, b) => a.latencyMs - b.latencyMs);
  const margin = 8;
  const plot = layOut(points, frontier, options.targetMs, width - margin, height - 6);
  drawTarget(plot, options.targetMs);
  drawStair(plot, frontier);
  const best =
    options.best === undefined
      ? frontier.findLast((point) => options.targetMs === null || point.latencyMs <= options.targetMs)
      : points.find((point) => point.trial === options.best);
  const used = drawPoints(plot, points, best);
  const style = { width, colour: options.colour };
  return [
    line([['accuracy', 'title']], style),
    ...frame(plot, margin, options.colour),
    ...legend(used, best, options.targetMs, style),
  ].join('\n');
}

function layOut(
  points: readonly FrontierPoint[],
  frontier: readonly FrontierPoint[],
  targetMs: number | null,
  width: number,
  height: number,
): Plot {
  const latencies = points.map((point) => point.latencyMs);
  const anchors = frontier.map((point) => point.latencyMs);
  const far = 2 * Math.max(targetMs ?? 0, ...(anchors.length > 0 ? anchors : latencies));
  const right = Math.max(targetMs ?? 0, Math.min(far, Math.max(...latencies)));
  const left = Math.min(targetMs ?? Infinity, ...latencies);
  const [bottom, top] = accuracyRange(points.map((point) => point.accuracy));
  const x = padded(left, right, 0.05, Math.floor(width / 11), { least: 0 });
  const y = padded(bottom, top, 0.07, Math.floor(height / 3), SHARES);
  const clamp = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));
  return {
    canvas: createCanvas(width, height),
    x,
    y,
    column: (latency) => clamp(((latency - x.low) / (x.high - x.low)) * (width - 1), width - 1),
    row: (accuracy) => clamp((1 - (accuracy - y.low) / (y.high - y.low)) * (height - 1), height - 1),
  };
}

/** Leaves out at the bottom what lies more than three times as far below the top as three quarters of all do. */
function accuracyRange(accuracies: readonly number[]): readonly [number, number] {
  const sorted = [...accuracies].sort((a, b) => a - b);
  const top = sorted.at(-1) ?? 1;
  const quarter = sorted[Math.floor(sorted.length / 4)] ?? 0;
  const floor = top - Math.max(0.02, 3 * (top - quarter));
  return [Math.max(floor, sorted[0] ?? 0), top];
}

function padded(low: number, high: number, share: number, count: number, bounds: AxisBounds): Axis {
  const plain = axisOf(low, high, count, bounds);
  const space = (plain.high - plain.low) * share;
  const { least = -Infinity, most = Infinity } = bounds;
  return axisOf(Math.max(least, plain.low - space), Math.min(most, plain.high + space), count, bounds);
}

function drawTarget(plot: Plot, targetMs: number | null): void {
  if (targetMs === null) return;
  for (let row = 0; row < plot.canvas.height; row++)
    plot.canvas.put(plot.column(targetMs), row, '┊', 'bad', 1);
}

/** Right from each point, then up to the next one: what accuracy is to be had up to each latency. */
function drawStair(plot: Plot, frontier: readonly FrontierPoint[]): void {
  const put = (column: number, row: number, character: string) => {
    plot.canvas.put(column, row, character, 'accent', 3);
  };
  for (const [index, point] of frontier.entries()) {
    const next = frontier[index + 1];
    const row = plot.row(point.accuracy);
    const start = plot.column(point.latencyMs);
    const end = next ? plot.column(next.latencyMs) : plot.canvas.width - 1;
    for (let column = start + 1; column <= end; column++) put(column, row, '─');
    if (!next) continue;
    const upper = plot.row(next.accuracy);
    if (upper === row || end === start) continue;
    put(end, row, '╯');
    for (let at = upper + 1; at < row; at++) put(end, at, '│');
  }
}

function drawPoints(
  plot: Plot,
  points: readonly FrontierPoint[],
  best: FrontierPoint | undefined,
): ReadonlySet<MarkName> {
  const used = new Set<MarkName>();
  for (const point of points) {
    const name: MarkName =
      point.trial === best?.trial
        ? 'best'
        : point.kind === 'sample' && point.frontier
          ? 'frontier'
          : point.kind;
    const mark: Mark = MARKS[name];
    used.add(name);
    const character =
      point.accuracy < plot.y.low ? '▾' : point.latencyMs > plot.x.high ? '▸' : mark.character;
    plot.canvas.put(plot.column(point.latencyMs), plot.row(point.accuracy), character, mark.tone, mark.rank);
  }
  return used;
}

function frame(plot: Plot, margin: number, colour: boolean): string[] {
  const { canvas, x, y } = plot;
  const labels = new Map<number, string>();
  const decimals = Math.max(0, y.decimals - 2);
  for (const tick of y.ticks) labels.set(plot.row(tick), `${(100 * tick).toFixed(decimals)} %`);
  const rows = canvas.rows(colour).map((content, row) => {
    const label = labels.get(row);
    const edge = paint(label === undefined ? '│' : '┤', 'quiet', colour);
    return `${fit(label ?? '', margin - 2, 'right')} ${edge}${content}`.trimEnd();
  });
  const base = Array.from({ length: canvas.width }, () => '─');
  const text = Array.from({ length: margin + canvas.width }, () => ' ');
  let free = 0;
  const title = 'latency, ms';
  for (const tick of x.ticks) {
    const at = plot.column(tick);
    base[at] = '┬';
    const label = tick.toFixed(x.decimals);
    const centred = margin + at - Math.floor(label.length / 2);
    const start = Math.min(centred, text.length - label.length);
    if (start < free) continue;
    text.splice(start, label.length, ...label);
    free = start + label.length + 1;
  }
  const axis = paint(`└${base.join('')}`, 'quiet', colour);
  const tail = `${' '.repeat(Math.max(0, margin + canvas.width - title.length))}${title}`;
  return [...rows, `${' '.repeat(margin - 1)}${axis}`, text.join('').trimEnd(), paint(tail, 'title', colour)];
}

function legend(
  used: ReadonlySet<MarkName>,
  best: FrontierPoint | undefined,
  targetMs: number | null,
  style: { readonly width: number; readonly colour: boolean },
): string[] {
  const items: { readonly mark: Pick<Mark, 'character' | 'tone'>; readonly label: string }[] = [];
  if (best) items.push({ mark: MARKS.best, label: `best: trial ${best.trial}, ${pointText(best)}` });
  for (const name of ['frontier', 'sample', 'netadapt', 'retrain', 'proposal'] as const)
    if (used.has(name)) items.push({ mark: MARKS[name], label: MARKS[name].label });
  if (targetMs !== null)
    items.push({ mark: { character: '┊', tone: 'bad' }, label: `target ${formatMs(targetMs)}` });
  const lines: string[] = [];
  let text = '';
  let left = style.width;
  for (const { mark, label } of items) {
    const columns = label.length + 2;
    if (text !== '' && columns + 3 > left) {
      lines.push(text);
      text = '';
      left = style.width;
    }
    if (text !== '') text += '   ';
    left -= columns + (text === '' ? 0 : 3);
    text += `${paint(mark.character, mark.tone, style.colour)} ${label}`;
  }
  return [...lines, text];
}
