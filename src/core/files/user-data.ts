import { createRequire } from 'node:module';
import type * as JsYaml from 'js-yaml';
import { messageOf } from '../errors.js';
import { jsonFault } from './json-scan.js';
import { lineAt, type Reading } from './user-text.js';

/** Deepest nesting of lists and maps that is read. */
export const MOST_DEPTH = 100;
/** Longest YAML that is read, in characters; about a second's work. JSON may be longer. */
const MOST_YAML = 8 * 1024 * 1024;
/** Values of a YAML text, those of an alias counted each time. */
const MOST_VALUES = 2_000_000;

/**
 * Plain data from a user's JSON. Refused with its line is what `JSON.parse` would take in silence, a key that is there
 * twice, and what would cost a reader its stack, nesting deeper than {@link MOST_DEPTH}.
 */
export function parseUserJson(text: string): Reading<unknown> {
  const plain = withoutMark(text);
  const wrong = jsonFault(plain, MOST_DEPTH);
  if (wrong === undefined) return { value: JSON.parse(plain) as unknown };
  return { fault: `line ${lineAt(plain, wrong.at)}: ${wrong.problem}` };
}

/**
 * Plain data from a user's YAML 1.2 or JSON; null for an empty text. Refused with its line is what {@link parseUserJson}
 * refuses, and tags, several documents, and aliases that hold themselves or multiply to more than 2 million values.
 */
export function parseUserYaml(text: string): Reading<unknown> {
  const plain = withoutMark(text);
  const looksLikeJson = /^\s*[{[]/.test(plain);
  if (looksLikeJson) {
    const json = parseUserJson(plain);
    if ('value' in json || plain.length > MOST_YAML) return json;
  } else if (plain.length > MOST_YAML)
    return { fault: `YAML of ${plain.length} characters; at most ${MOST_YAML} are read, JSON may be longer` };
  // Loaded when first needed: few commands read YAML.
  const yaml = createRequire(import.meta.url)('js-yaml') as typeof JsYaml;
  const refuse = (error: JsYaml.YAMLException): never => {
    throw error;
  };
  try {
    const options = { schema: yaml.CORE_SCHEMA, maxDepth: MOST_DEPTH, onWarning: refuse };
    const value = yaml.load(plain, options) ?? null;
    const wrong = valuesFault(value);
    return wrong === undefined ? { value } : { fault: wrong };
  } catch (cause) {
    if (!(cause instanceof yaml.YAMLException)) return { fault: messageOf(cause), cause };
    const { mark, reason } = cause;
    const problem = reason.startsWith('duplicated mapping key') ? `a key is there twice` : reason;
    return { fault: mark === undefined ? problem : `line ${mark.line + 1}: ${problem}`, cause };
  }
}

function valuesFault(root: unknown): string | undefined {
  let values = 0;
  const visit = (value: unknown, depth: number): string | undefined => {
    if (++values > MOST_VALUES) return `more than ${MOST_VALUES} values, those of aliases counted each time`;
    if (value === null || typeof value !== 'object') return undefined;
    if (depth >= MOST_DEPTH)
      return `nested deeper than ${MOST_DEPTH}, those of aliases counted; an alias may hold itself`;
    for (const key in value) {
      if (key === '[object Object]') return 'a map stands where a key is expected';
      const wrong = visit((value as Readonly<Record<string, unknown>>)[key], depth + 1);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
  return visit(root, 0);
}

/** A byte-order mark that a text still begins with. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}
