import type { Json } from '../../../core/index.js';

/** A flat row: what `--json` and `--csv` print. */
export type FlatRow = Readonly<Record<string, string | number | boolean | null>>;

/**
 * RFC 4180: a header of the first row's keys, CRLF line ends, fields quoted where needed. Text that a spreadsheet
 * would run as a formula (begins with `=`, `+`, `-`, `@`, tab or CR) gets a leading apostrophe; numbers never do.
 */
export function csv(rows: readonly FlatRow[], keys: readonly string[] = Object.keys(rows[0] ?? {})): string {
  const lines = [keys.map(field), ...rows.map((row) => keys.map((key) => field(row[key] ?? null)))];
  return lines.map((fields) => `${fields.join(',')}\r\n`).join('');
}

function field(value: string | number | boolean | null): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** A JSON array with one row a line: readable by people, by `jq` and by `grep`. */
export function jsonRows(rows: readonly Json[]): string {
  if (rows.length === 0) return '[]';
  return `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]`;
}

/** The row with these keys only, in this order; null for one that it lacks. */
export function pick(row: FlatRow, keys: readonly string[]): FlatRow {
  return Object.fromEntries(keys.map((key) => [key, row[key] ?? null]));
}
