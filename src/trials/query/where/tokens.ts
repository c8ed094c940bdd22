import { NasError } from '../../../core/index.js';

/** A token of a condition as written; `at`: its first character, counted from 1. */
export interface Token {
  readonly is: 'word' | 'number' | 'text' | 'sign' | 'end';
  readonly written: string;
  readonly at: number;
  /** Of a text: without its quotes. */
  readonly value: string;
}

/** Longest condition that is read, in characters. */
const MOST_CHARACTERS = 2000;

const SPACE = /[ \t\n\r]+/y;
const PATTERNS = [
  ['number', /-?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?[A-Za-zµ%]*/iy],
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['text', /'(?:[^']|'')*'|"(?:[^"]|"")*"/y],
  ['sign', /<=|>=|<>|!=|==|&&|\|\||[<>=!(),]/y],
] as const;

/** @throws NasError `NAS_BAD_WHERE` */
export function tokensOf(text: string): readonly Token[] {
  if (text.length > MOST_CHARACTERS)
    throw badWhere(`a condition of ${text.length} characters`, `at most ${MOST_CHARACTERS}`);
  const tokens: Token[] = [];
  let index = match(SPACE, text, 0)?.length ?? 0;
  while (index < text.length) {
    const token = tokenAt(text, index);
    tokens.push(token);
    index += token.written.length;
    index += match(SPACE, text, index)?.length ?? 0;
  }
  return [...tokens, { is: 'end', written: '', at: text.length + 1, value: '' }];
}

function tokenAt(text: string, index: number): Token {
  const at = index + 1;
  for (const [is, pattern] of PATTERNS) {
    const written = match(pattern, text, index);
    if (written === undefined) continue;
    if (is !== 'text') return { is, written, at, value: written };
    const quote = written.charAt(0);
    const value = written.slice(1, -1).replaceAll(quote + quote, quote);
    if (value.includes('\0')) throw badWhere(`a NUL in the text at character ${at}`, 'text without it');
    return { is, written, at, value };
  }
  const first = String.fromCodePoint(text.codePointAt(index) ?? 0);
  if (first === "'" || first === '"')
    throw badWhere(`a text from character ${at} that does not end`, `a closing ${first}`);
  throw badWhere(
    `${JSON.stringify(first)} at character ${at}`,
    'a column, a value, an operator or a parenthesis',
  );
}

function match(pattern: RegExp, text: string, index: number): string | undefined {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0];
}

/** `found` names the position; `expected` what may stand there. */
export function badWhere(found: string, expected: string, fix?: string): NasError {
  return new NasError({
    code: 'NAS_BAD_WHERE',
    found: `--where: ${found}`,
    expected,
    fix: fix ?? `write it like 'latencyMs < 2ms and accuracy > 90%'`,
  });
}

export function unexpected(token: Token, expected: string, fix?: string): NasError {
  const shown = token.written.length > 40 ? `${token.written.slice(0, 40)}…` : token.written;
  const found = token.is === 'end' ? 'the end' : JSON.stringify(shown);
  return badWhere(`${found} at character ${token.at}`, expected, fix);
}
