import type { z } from 'zod';

/** Fields of a latency record that earlier versions stored under another name. */
const FORMER_NAMES: Readonly<Record<string, string>> = { foretold: 'predicted', conditions: 'hostState' };

/**
 * Data from a disk, checked; undefined for what is not such data. Fields that an earlier version named otherwise get
 * their present name. What a later version added is left out, so that its studies open here.
 */
export function readStored<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const known = structuredClone(value);
  for (const issue of found.error.issues)
    if (issue.code === 'unrecognized_keys') rename(known, issue.path, issue.keys);
  return schema.safeParse(known).data;
}

/** Gives fields their present names; drops those that have none. */
function rename(value: unknown, path: readonly PropertyKey[], keys: readonly string[]): void {
  const place = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], value) as object;
  for (const key of keys) {
    const name = FORMER_NAMES[key];
    if (name !== undefined && !(name in place)) Reflect.set(place, name, Reflect.get(place, key));
    Reflect.deleteProperty(place, key);
  }
}
