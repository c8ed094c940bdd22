import type { z } from 'zod';

/**
 * Data from a disk, checked; undefined for what is not such data. What a later version added is left out, so that its
 * studies open here.
 */
export function readStored<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> | undefined {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const known = structuredClone(value);
  for (const issue of found.error.issues)
    if (issue.code === 'unrecognized_keys') drop(known, issue.path, issue.keys);
  return schema.safeParse(known).data;
}

function drop(value: unknown, path: readonly PropertyKey[], keys: readonly string[]): void {
  const place = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], value);
  for (const key of keys) Reflect.deleteProperty(place as object, key);
}
