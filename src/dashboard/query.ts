import { z } from 'zod';
import { NasError } from '../core/index.js';
import { parseWhere, SORT_COLUMNS, TRIAL_KINDS, TRIAL_STATES, type RowQuery } from '../trials/index.js';

const whole = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);
const moment = z
  .string()
  .regex(/^\d{1,16}(\.\d{1,6})?$/)
  .transform(Number);
const listOf = <T extends string>(names: readonly T[]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)));

const rowsSchema = z.strictObject({
  where: z.string().optional(),
  state: listOf(TRIAL_STATES).optional(),
  kind: listOf(TRIAL_KINDS).optional(),
  sort: z.enum(SORT_COLUMNS).optional(),
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

/** Whole rows in one answer, unless asked, and at most; their numbers go without a limit. */
const ROWS = 100;
const MOST_ROWS = 1000;

/** @throws NasError `NAS_BAD_QUERY` naming what is wrong, `NAS_BAD_WHERE` */
export function rowsQuestion(given: Readonly<Record<string, string>>): RowsQuestion {
  const { where, state, kind, sort, desc, limit, offset, columns = 'all' } = checked(rowsSchema, given);
  const most = columns === 'trial' ? limit : Math.min(limit ?? ROWS, MOST_ROWS);
  return {
    columns,
    query: {
      ...(where === undefined ? {} : { where: parseWhere(where) }),
      ...(state === undefined ? {} : { states: state }),
      ...(kind === undefined ? {} : { kinds: kind }),
      ...(sort === undefined ? {} : { sort }),
      ...(most === undefined ? {} : { limit: most }),
      ...(offset === undefined ? {} : { offset }),
      descending: desc === '1',
    },
  };
}

const partSchema = z.strictObject({ from: whole.optional(), created: moment.optional() });

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
  const what = [...(issue?.path ?? []), issue?.message ?? ''].join(' ');
  throw new NasError({
    code: 'NAS_BAD_QUERY',
    found: `a question that makes no sense: ${what.slice(0, 200)}`,
    expected: 'parameters as in docs/commands.md, nas dashboard',
    cause: parsed.error,
  });
}
