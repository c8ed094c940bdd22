import { cut, fit, neutral, widthOf } from '../text.js';
import { paint, type Style, type Tone } from '../style.js';

export type Cell = string | number | bigint | boolean | null;

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => Cell;
  /** Default: right where every cell is a number, else left. */
  readonly align?: 'left' | 'right';
  /** Where the table is too wide it may be cut down to this many columns, the widest first. */
  readonly shrinksTo?: number;
  /** Left out when shrinking is not enough, the highest number first. */
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

/** Leaves columns out until the rest can be shrunk to the width, then shrinks the widest ones. */
function squeeze<Row>(laid: Laid<Row>[], width: number): Laid<Row>[] {
  const total = (widthOfItem: (item: Laid<Row>) => number) =>
    laid.reduce((sum, item) => sum + widthOfItem(item), GAP.length * (laid.length - 1));
  while (total(leastOf) > width) {
    const first = Math.max(0, ...laid.map((item) => item.column.optional ?? 0));
    if (first === 0) break;
    laid.splice(
      laid.findLastIndex((item) => item.column.optional === first),
      1,
    );
  }
  for (;;) {
    const excess = total((item) => item.width) - width;
    const yielding = laid.filter((item) => item.width > leastOf(item));
    const [widest, second] = yielding.sort((a, b) => b.width - a.width);
    if (excess <= 0 || widest === undefined) return laid;
    const wanted = Math.min(second?.width ?? 0, widest.width - 1);
    widest.width = Math.max(leastOf(widest), widest.width - excess, wanted);
  }
}

function leastOf<Row>({ column, width }: Laid<Row>): number {
  return Math.min(width, column.shrinksTo ?? width);
}

function rowLine<Row>(laid: readonly Laid<Row>[], index: number, row: Row, style: Style): string {
  const cells: { readonly text: string; readonly tone: Tone | undefined }[] = [];
  let left = style.width;
  for (const [at, item] of laid.entries()) {
    const fitted = (at > 0 ? GAP : '') + fit(item.cells[index] ?? '', item.width, item.align);
    const text = cut(fitted, left);
    cells.push({ text, tone: item.column.tone?.(row) });
    left -= widthOf(text);
    if (left <= 0) break;
  }
  const last = cells.findLastIndex((cell) => cell.text.trim() !== '');
  return cells
    .slice(0, last + 1)
    .map(({ text, tone }, at) => paint(at === last ? text.trimEnd() : text, tone, style.colour))
    .join('');
}
