import type { z } from 'zod';
import { NasError, nearest, parseUserYaml, readUserText } from '../../core/index.js';
import { keysAt, spaceDefinition, type SpaceDefinition } from './definition.js';
import type { SearchSpace, Task } from './search-space.js';
import { spaceFromDefinition } from './spaces.js';

/** Longest text of a space that is read, in characters. */
const MOST_CHARACTERS = 262_144;

/**
 * A user's own space from YAML (or JSON, which is YAML); schemas/search-space.schema.json describes it.
 * @param source what a message calls the text, e.g. its file name
 * @throws NasError `NAS_BAD_SPACE` with the path, what was found and what was expected; `NAS_BAD_TASK`
 */
export function spaceFromYaml(text: string, task: Task, source = 'search space'): SearchSpace {
  return spaceFromDefinition(parseSpaceDefinition(text, source), task);
}

/**
 * The space in a YAML file.
 * @throws NasError as {@link spaceFromYaml}; `NAS_NO_SPACE_FILE` when the file cannot be read
 */
export function spaceFromFile(path: string, task: Task): SearchSpace {
  return spaceFromYaml(spaceFileText(path), task, path);
}

/** The text of a YAML file, as a study keeps it. @throws NasError `NAS_NO_SPACE_FILE`, `NAS_BAD_SPACE` */
export function spaceFileText(path: string): string {
  const read = readUserText(path, 4 * MOST_CHARACTERS);
  if ('value' in read) return read.value;
  if (read.unreadable !== true)
    throw new NasError({
      code: 'NAS_BAD_SPACE',
      found: `${path}: ${read.fault}`,
      expected: `YAML in UTF-8, at most ${MOST_CHARACTERS} characters`,
    });
  throw new NasError({
    code: 'NAS_NO_SPACE_FILE',
    found: `search space file ${path} cannot be read: ${read.fault}`,
    fix: 'give the path of a YAML file',
    cause: read.cause,
  });
}

function parseSpaceDefinition(text: string, source: string): SpaceDefinition {
  if (text.length > MOST_CHARACTERS) throw tooLong(source, `${text.length} characters`);
  const data = readYaml(text, source);
  const result = spaceDefinition.safeParse(data);
  if (result.success) return result.data;
  throw badDefinition(result.error, data, source);
}

function readYaml(text: string, source: string): unknown {
  const read = parseUserYaml(text);
  if ('value' in read) return read.value;
  throw new NasError({
    code: 'NAS_BAD_SPACE',
    found: `${source}: not YAML: ${read.fault}`,
    expected: 'a search space in YAML, as docs/configuration.md shows',
    cause: read.cause,
  });
}

function tooLong(source: string, found: string): NasError {
  return new NasError({
    code: 'NAS_BAD_SPACE',
    found: `${source}: ${found}`,
    expected: `at most ${MOST_CHARACTERS} characters`,
  });
}

type Issue = z.core.$ZodIssue;

function badDefinition(error: z.ZodError, data: unknown, source: string): NasError {
  const [issue, path] = innermost(error.issues[0] as Issue, []);
  const where = path.length === 0 ? '' : ` at ${path.map(String).join('.')}`;
  const make = (found: string, expected: string, near: string | undefined) =>
    new NasError({
      code: 'NAS_BAD_SPACE',
      found: `${source}${where}: ${found}`,
      expected,
      ...(near === undefined ? {} : { fix: `did you mean ${near}?` }),
      cause: error,
    });
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0] ?? '';
    const legal = keysAt(path);
    return make(`unknown key ${show(key)}`, `one of ${legal.join(', ')}`, nearest(key, legal));
  }
  const value = valueAt(data, path);
  if (value === undefined) return make('nothing', issue.message.replace(/, received.*/, ''), undefined);
  if (issue.code === 'invalid_value') {
    const legal = issue.values.map(String);
    return make(
      show(value),
      `one of ${legal.join(', ')}`,
      typeof value === 'string' ? nearest(value, legal) : undefined,
    );
  }
  return make(show(value), issue.message.replace(/^Invalid input: expected |, received.*/g, ''), undefined);
}

/** For a value or a list of values: the issue of the reading that the user meant, with its whole path. */
function innermost(issue: Issue, before: readonly PropertyKey[]): readonly [Issue, readonly PropertyKey[]] {
  const path = [...before, ...issue.path];
  if (issue.code !== 'invalid_union') return [issue, path];
  const [single, list] = issue.errors;
  const isList = list?.some((inner) => inner.path.length > 0 || inner.code !== 'invalid_type');
  const chosen = (isList ? list : single)?.[0];
  return chosen === undefined ? [issue, path] : innermost(chosen, path);
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[key];
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
