import { assertNever } from '../../../core/index.js';
import type { ColumnName } from '../columns.js';
import type { TrialRow } from '../../model/row.js';

/**
 * Which trials are meant, as checked data: {@link parseWhere} makes it from a text, a store turns it into its own
 * query. Nothing in it but `value`, `values` and `pattern` comes from the text.
 */
export type Condition =
  | { readonly is: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly is: 'not'; readonly of: Condition }
  | { readonly is: 'null'; readonly column: ColumnName }
  | { readonly is: Comparison; readonly column: ColumnName; readonly value: string | number }
  | { readonly is: 'in'; readonly column: ColumnName; readonly values: readonly (string | number)[] }
  /** `like`: `%` stands for any text, `_` for one character, A–Z equal a–z. `contains`: the literal text. */
  | { readonly is: 'like' | 'contains'; readonly column: ColumnName; readonly pattern: string };

export type Comparison = '<' | '<=' | '>' | '>=' | '=' | '!=';

/**
 * Whether it holds of a row. null: unknown, as in SQL – a comparison with a value that is not there is neither true
 * nor false, and its opposite is not true either.
 */
export function holds(condition: Condition, row: TrialRow): boolean | null {
  switch (condition.is) {
    case 'and': {
      const [left, right] = [holds(condition.left, row), holds(condition.right, row)];
      return left === false || right === false ? false : left === null || right === null ? null : true;
    }
    case 'or': {
      const [left, right] = [holds(condition.left, row), holds(condition.right, row)];
      return left === true || right === true ? true : left === null || right === null ? null : false;
    }
    case 'not': {
      const of = holds(condition.of, row);
      return of === null ? null : !of;
    }
    case 'null':
      return row[condition.column] === null;
    default: {
      const found = row[condition.column];
      return found === null ? null : test(condition, found);
    }
  }
}

type Test = Exclude<Condition, { is: 'and' | 'or' | 'not' | 'null' }>;

function test(condition: Test, found: string | number): boolean {
  switch (condition.is) {
    case '<':
      return found < condition.value;
    case '<=':
      return found <= condition.value;
    case '>':
      return found > condition.value;
    case '>=':
      return found >= condition.value;
    case '=':
      return found === condition.value;
    case '!=':
      return found !== condition.value;
    case 'in':
      return condition.values.includes(found);
    case 'contains':
      return String(found).includes(condition.pattern);
    case 'like':
      return isLike(String(found), condition.pattern);
    default:
      return assertNever(condition);
  }
}

/** SQL's LIKE, in time proportional to the product of the lengths at most. */
function isLike(text: string, pattern: string): boolean {
  const [letters, wanted] = [Array.from(lower(text)), Array.from(lower(pattern))];
  let at = 0;
  let next = 0;
  let star = -1;
  let from = 0;
  while (at < letters.length) {
    if (wanted[next] === '%') {
      star = next++;
      from = at;
    } else if (next < wanted.length && (wanted[next] === '_' || wanted[next] === letters[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++from;
    } else return false;
  }
  while (wanted[next] === '%') next++;
  return next === wanted.length;
}

function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
