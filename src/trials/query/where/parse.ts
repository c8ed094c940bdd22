import jsep from 'jsep';
import { nearest } from '../../../core/index.js';
import { COLUMN_NAMES, contentOf, type ColumnName } from '../columns.js';
import type { Comparison, Condition } from './condition.js';
import { tokensOf, unexpected, type Token } from './tokens.js';
import { valueFor } from './value.js';

const SIGNS: ReadonlyMap<string, Comparison> = new Map([
  ...(['<', '<=', '>', '>=', '=', '!='] as const).map((sign) => [sign, sign] as const),
  ['==', '='],
  ['<>', '!='],
]);
const SWAPPED: Readonly<Record<Comparison, Comparison>> = {
  ...{ '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=', '!=': '!=' },
};
const JOINTS: ReadonlyMap<string, '&&' | '||'> = new Map([
  ['and', '&&'],
  ['&&', '&&'],
  ['or', '||'],
  ['||', '||'],
]);
const MOST_PARENTHESES = 100;

/**
 * Reads a condition on trials, such as `latencyMs < 2ms and accuracy > 90%`. Columns are those of a trial's row; docs
 * in docs/commands.md. What stands between `and`, `or`, `not` and parentheses is read here, token by token; jsep puts the
 * rest together.
 * @throws NasError `NAS_BAD_WHERE` with the position, what was found and what may stand there
 */
export function parseWhere(text: string): Condition {
  const reader = readerOf(tokensOf(text));
  const atoms: Condition[] = [];
  const frame: string[] = [];
  const open: Token[] = [];
  for (;;) {
    // Two cancel each other, so that no text makes a tree that is too deep for SQLite.
    while (reader.takes('not', '!'))
      if (frame.at(-1) === '!') frame.pop();
      else frame.push('!');
    if (reader.takes('(')) {
      frame.push('(');
      open.push(reader.last());
      if (open.length > MOST_PARENTHESES)
        throw unexpected(reader.last(), `at most ${MOST_PARENTHESES} parentheses within each other`);
      continue;
    }
    frame.push(`c${atoms.push(comparison(reader)) - 1}`);
    while (open.length > 0 && reader.takes(')')) {
      frame.push(')');
      open.pop();
    }
    const next = reader.next();
    const joint = JOINTS.get(next.written.toLowerCase());
    if (joint === undefined) {
      const parenthesis = open.at(-1);
      if (parenthesis !== undefined)
        throw unexpected(next, `and, or, or ) for the ( at character ${parenthesis.at}`);
      if (next.is !== 'end') throw unexpected(next, 'and, or, or the end');
      return assembled(jsep(frame.join(' ')), atoms);
    }
    frame.push(joint);
  }
}

interface Parts {
  readonly operator: string;
  readonly left: jsep.Expression;
  readonly right: jsep.Expression;
  readonly argument: jsep.Expression;
  readonly name: string;
}

/** jsep's tree of `&&`, `||`, `!` and the names of our comparisons. */
function assembled(node: jsep.Expression, atoms: readonly Condition[]): Condition {
  const { type, operator, left, right, argument, name } = node as jsep.Expression & Partial<Parts>;
  if (type === 'BinaryExpression' && left !== undefined && right !== undefined)
    return {
      is: operator === '&&' ? 'and' : 'or',
      left: assembled(left, atoms),
      right: assembled(right, atoms),
    };
  if (type === 'UnaryExpression' && argument !== undefined)
    return { is: 'not', of: assembled(argument, atoms) };
  const atom = atoms[Number(name?.slice(1))];
  if (atom === undefined) throw new TypeError(`a condition without part ${name}`);
  return atom;
}

function comparison(reader: Reader): Condition {
  const first = reader.next();
  if (first.is === 'number' || first.is === 'text') {
    const sign = SIGNS.get(reader.next().written);
    if (sign === undefined) throw unexpected(reader.last(), `${signs()} after a value`);
    const column = columnOf(reader.next());
    return compared(column, SWAPPED[sign], first, reader.last());
  }
  const column = columnOf(first);
  if (reader.takes('is')) {
    const not = reader.takes('not');
    if (!reader.takes('null')) throw unexpected(reader.next(), not ? 'null' : 'null or not null');
    return opposite(not, { is: 'null', column });
  }
  const not = reader.takes('not');
  if (reader.takes('in')) return opposite(not, { is: 'in', column, values: list(reader, column) });
  for (const is of ['like', 'contains'] as const)
    if (reader.takes(is)) return opposite(not, { is, column, pattern: pattern(reader, column, is) });
  const next = reader.next();
  const sign = not ? undefined : SIGNS.get(next.written);
  if (sign === undefined || next.is !== 'sign')
    throw unexpected(
      next,
      not ? 'in, like or contains' : `${signs()}, in, like, contains or is after ${column}`,
    );
  return compared(column, sign, reader.next(), next);
}

function compared(column: ColumnName, is: Comparison, value: Token, blamed: Token): Condition {
  const ordered = ['number', 'moment'].includes(contentOf(column).of);
  if (!ordered && is !== '=' && is !== '!=')
    throw unexpected(blamed, `=, !=, in, like or contains for ${column}, which is text`);
  if (value.is === 'word' && value.written.toLowerCase() === 'null')
    throw unexpected(value, 'a value', `write ${column} is ${is === '!=' ? 'not ' : ''}null`);
  return { is, column, value: valueFor(column, value) };
}

function list(reader: Reader, column: ColumnName): readonly (string | number)[] {
  if (!reader.takes('(')) throw unexpected(reader.next(), '( and values after in');
  const values = [valueFor(column, reader.next())];
  while (reader.takes(',')) values.push(valueFor(column, reader.next()));
  if (!reader.takes(')')) throw unexpected(reader.next(), ', or ) in the list of values');
  return values;
}

function pattern(reader: Reader, column: ColumnName, word: string): string {
  const { of } = contentOf(column);
  if (of !== 'text' && of !== 'name')
    throw unexpected(reader.last(), `${signs()} or in for ${column}, which is a number`);
  const token = reader.next();
  if (token.is !== 'text') throw unexpected(token, `a text in quotes after ${word}`);
  return token.value;
}

function columnOf(token: Token): ColumnName {
  const column = COLUMN_NAMES.find((name) => name === token.value);
  if (token.is === 'word' && column !== undefined) return column;
  const near = token.is === 'word' ? nearest(token.value, COLUMN_NAMES) : undefined;
  const fix = near === undefined ? undefined : `did you mean ${near}?`;
  throw unexpected(token, `a column: ${COLUMN_NAMES.join(', ')}`, fix);
}

function opposite(not: boolean, of: Condition): Condition {
  return not ? { is: 'not', of } : of;
}

const signs = (): string => [...SIGNS.keys()].join(' ');

interface Reader {
  /** The next token, which is then behind us; the end stays where it is. */
  next(): Token;
  /** Whether the next token is one of these words or signs, which is then behind us. */
  takes(...words: readonly string[]): boolean;
  last(): Token;
}

function readerOf(tokens: readonly Token[]): Reader {
  let at = 0;
  const token = (index: number): Token => tokens[Math.min(index, tokens.length - 1)] as Token;
  return {
    next: () => token(at++),
    takes(...words) {
      const { is, written } = token(at);
      if (is === 'text' || !words.includes(written.toLowerCase())) return false;
      at++;
      return true;
    },
    last: () => token(at - 1),
  };
}
