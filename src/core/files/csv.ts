import { lineAt, type Reading } from './user-text.js';

/** A row of a CSV with the line of the file it begins in, counted from 1. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/**
 * The rows of a CSV (RFC 4180): fields separated by commas and quoted where they hold commas, quotes or line ends; either kind of
 * line end. Lines without any character are left out, and so are blanks around a field that is not quoted.
 */
export function parseCsv(text: string): Reading<readonly CsvRow[]> {
  const rows: CsvRow[] = [];
  let fields: string[] = [];
  let [line, first, at] = [1, 1, 0];
  const endRow = (): void => {
    if (fields.length > 1 || fields[0] !== '') rows.push({ line: first, fields });
    fields = [];
  };
  while (at < text.length) {
    if (fields.length === 0) first = line;
    let end: number;
    if (text[at] === '"') {
      const quoted = readQuoted(text, at);
      if (quoted === undefined) return { fault: `line ${lineAt(text, at)}: a quote that does not end` };
      fields.push(quoted.value);
      line += quoted.value.split('\n').length - 1;
      end = quoted.end;
      if (end < text.length && !',\r\n'.includes(text[end] as string))
        return { fault: `line ${line}: text behind a closing quote` };
    } else {
      end = at;
      while (end < text.length && !ENDS.has(text.charCodeAt(end))) end++;
      fields.push(text.slice(at, end).trim());
    }
    at = end + 1;
    if (text[end] === ',') {
      if (at >= text.length) fields.push('');
      continue;
    }
    if (text[end] === '\r' && text[at] === '\n') at++;
    line++;
    endRow();
  }
  if (fields.length > 0) endRow();
  return { value: rows };
}

/** Comma, line feed, carriage return. */
const ENDS: ReadonlySet<number> = new Set([44, 10, 13]);

/** The field whose opening quote is at `start`, and where its closing quote is past. */
function readQuoted(text: string, start: number): { value: string; end: number } | undefined {
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    if (text[quote + 1] !== '"')
      return { value: text.slice(start + 1, quote).replaceAll('""', '"'), end: quote + 1 };
    at = quote + 2;
  }
}
