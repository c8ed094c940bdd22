import { NasError } from './errors.js';

/** Number of single-letter edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The legal name most like the given one, or undefined when none is near. */
export function nearest(name: string, legal: readonly string[]): string | undefined {
  const ranked = legal.map((word) => ({ word, d: distance(name.toLowerCase(), word.toLowerCase()) }));
  ranked.sort((x, y) => x.d - y.d);
  const best = ranked[0];
  return best && best.d <= Math.max(2, Math.floor(name.length / 3)) ? best.word : undefined;
}

/**
 * The error for a name that is not in a list: lists every legal name and points at the nearest one.
 * @param kind what was named, e.g. `data set`
 */
export function unknownName(kind: string, name: string, legal: readonly string[], code: string): NasError {
  const near = nearest(name, legal);
  return new NasError({
    code,
    found: `unknown ${kind} ${JSON.stringify(name.slice(0, 80))}`,
    expected: `one of ${legal.join(', ')}`,
    ...(near === undefined ? {} : { fix: `did you mean ${near}?` }),
  });
}
