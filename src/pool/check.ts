import type { z } from 'zod';
import { NasError } from '../core/index.js';

/** Data from another process, checked. @throws NasError with that code, naming the first wrong fields by their paths */
export function checked<T>(schema: z.ZodType<T>, value: unknown, code: string, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new NasError({ code, found: `${what}: ${problems.slice(0, 5).join('; ')}` });
}
