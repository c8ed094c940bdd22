import { z } from 'zod';
import { NasError } from '../core/index.js';
import type { RowQuery } from '../trials/index.js';

const whole = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const number = z
  .string()
  .regex(/^\d{1,12}(\.\d{1,12})?$/)
  .transform(Number);
const listOf = <T extends string>(names: readonly [T, ...T[]]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)));

const rowsSchema = z.strictObject({
  state: listOf(['running', 'done', 'stopped', 'infeasible', 'failed']).optional(),
  kind: listOf(['sample', 'proposal', 'netadapt', 'retrain']).optional(),
  maxLatencyMs: number.optional(),
  minAccuracy: number.optional(),
  sort: z
    .enum([
      'trial',
      'accuracy',
      'latencyMs',
      'reward',
      'params',
      'madds',
      'seconds',
      'createdAt',
      'finishedAt',
    ])
    .optional(),
  desc: z.enum(['0', '1']).optional(),
  limit: whole.optional(),
  offset: whole.optional(),
  columns: z.enum(['all', 'trial']).optional(),
});

export interface RowsQuestion {
  readonly query: RowQuery;
  /** Whole rows, or their numbers only. */
  readonly columns: 'all' | 'trial';
}

/** Most whole rows in one answer; their numbers go without a limit. */
const MOST_ROWS = 1000;

/** @throws NasError `NAS_BAD_QUERY` naming what is wrong */
export function rowsQuestion(given: Readonly<Record<string, string>>): RowsQuestion {
  const { state, kind, maxLatencyMs, minAccuracy, sort, desc, limit, offset, columns } = checked(
    rowsSchema,
    given,
  );
  const most = columns === 'trial' ? limit : Math.min(limit ?? 100, MOST_ROWS);
  return {
    columns: columns ?? 'all',
    query: {
      ...(state === undefined ? {} : { states: state }),
      ...(kind === undefined ? {} : { kinds: kind }),
      ...(maxLatencyMs === undefined ? {} : { maxLatencyMs }),
      ...(minAccuracy === undefined ? {} : { minAccuracy }),
      ...(sort === undefined ? {} : { sort }),
      ...(most === undefined ? {} : { limit: most }),
      ...(offset === undefined ? {} : { offset }),
      descending: desc === '1',
    },
  };
}

const partSchema = z.strictObject({ from: whole.optional(), created: number.optional() });

/** From which point on a study is wanted, and of which study of that name the others are known. */
export function partQuestion(given: Readonly<Record<string, string>>): { from: number; created: number } {
  const { from = 0, created = 0 } = checked(partSchema, given);
  return { from, created };
}

/** A trial's number. @throws NasError `NAS_BAD_QUERY` */
export function trialNumber(text: string): number {
  return checked(whole, text);
}

function checked<T>(schema: z.ZodType<T>, given: unknown): T {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new NasError({
    code: 'NAS_BAD_QUERY',
    found: `a question that makes no sense: ${[...(issue?.path ?? []), issue?.message ?? ''].join(' ').slice(0, 200)}`,
    expected: 'the parameters that docs/guide.md names',
    cause: parsed.error,
  });
}
