import { cut, fit, neutral, widthOf } from './text.js';
import { paint, type Style, type Tone } from './style.js';

export type Cell = string | number | bigint | boolean | null;

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => Cell;
  /** Default: right where every cell is a number, else left. */
  readonly align?: 'left' | 'right';
  /** Where the table is too wide these columns give way, the widest first, down to 8 columns. */
  readonly shrinks?: boolean;
  /** Left out when shrinking was not enough, the highest number first. */
  readonly optional?: number;
  readonly tone?: (row: Row) => Tone | undefined;
}

interface Laid<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  readonly align: 'left' | 'right';
  width: number;
}

const GAP = '  ';
const LEAST = 8;

/** A table with one header and no frame, never wider than `style.width`. Empty cells are shown as `–`. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[], style: Style): string {
  const laid = squeeze(
    columns.map((column) => lay(rows, column)),
    style.width,
  );
  const header = laid.map(({ column, width, align }) => fit(neutral(column.title), width, align));
  const lines = [
    paint(cut(header.join(GAP).trimEnd(), style.width), 'title', style.colour),
    paint(cut(laid.map(({ width }) => '─'.repeat(width)).join(GAP), style.width), 'quiet', style.colour),
  ];
  for (const [index, row] of rows.entries()) lines.push(rowLine(laid, index, row, style));
  return lines.join('\n');
}

function lay<Row>(rows: readonly Row[], column: Column<Row>): Laid<Row> {
  const values = rows.map((row) => column.value(row));
  const cells = values.map((value) => (value === null ? '–' : neutral(String(value))));
  const numeric = values.some((v) => v !== null) && values.every((v) => v === null || isNumber(v));
  const width = Math.max(widthOf(column.title), ...cells.map(widthOf));
  return { column, cells, width, align: column.align ?? (numeric ? 'right' : 'left') };
}

function isNumber(value: Cell): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function squeeze<Row>(laid: Laid<Row>[], width: number): Laid<Row>[] {
  const total = () => laid.reduce((sum, item) => sum + item.width, GAP.length * (laid.length - 1));
  for (;;) {
    const excess = total() - width;
    if (excess <= 0) return laid;
    const yielding = laid.filter((item) => item.column.shrinks === true && item.width > LEAST);
    const widest = yielding.sort((a, b) => b.width - a.width)[0];
    if (widest) {
      const second = yielding[1]?.width ?? LEAST;
      widest.width = Math.max(LEAST, widest.width - excess, Math.min(second, widest.width - 1));
      continue;
    }
    const least = Math.max(0, ...laid.map((item) => item.column.optional ?? 0));
    if (least === 0) return laid;
    laid.splice(
      laid.findLastIndex((item) => item.column.optional === least),
      1,
    );
  }
}

function rowLine<Row>(laid: readonly Laid<Row>[], index: number, row: Row, style: Style): string {
  let left = style.width;
  let text = '';
  for (const [at, item] of laid.entries()) {
    const lastOne = at === laid.length - 1;
    const fitted = fit(item.cells[index] ?? '', item.width, item.align);
    const cell = cut(lastOne ? fitted.trimEnd() : fitted, left);
    text += paint(cell, item.column.tone?.(row), style.colour);
    left -= widthOf(cell);
    if (lastOne || left <= 0) break;
    const gap = cut(GAP, left);
    text += left > GAP.length ? GAP : gap.trimEnd();
    left -= GAP.length;
  }
  return style.colour ? text : text.trimEnd();
}
