import type { z } from 'zod';

/** What a worker may send at most, in characters: curves and latency samples of a trial take some ten thousand. */
export const MOST_CHARACTERS = 8 * 1024 * 1024;

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity,
  '-Infinity': -Infinity,
};

/** JSON that keeps NaN and infinities, which losses of a diverged training are. */
export function pack(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isFinite(item) ? { number: String(item) } : item,
  );
}

/** What was packed elsewhere, checked; undefined for anything else. */
export function unpack<T extends z.ZodType>(schema: T, packed: unknown): z.infer<T> | undefined {
  if (typeof packed !== 'string' || packed.length > MOST_CHARACTERS) return undefined;
  try {
    const value: unknown = JSON.parse(packed, (_key, item: unknown) => finite(item));
    return schema.safeParse(value).data;
  } catch {
    return undefined;
  }
}

function finite(item: unknown): unknown {
  if (item === null || typeof item !== 'object') return item;
  const entries = Object.entries(item);
  const [key, value] = entries[0] ?? [];
  if (entries.length !== 1 || key !== 'number' || typeof value !== 'string') return item;
  return NOT_FINITE[value] ?? item;
}
