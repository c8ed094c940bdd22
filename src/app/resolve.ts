import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { NasError, nearest, parseUserJson, readUserText, unknownName } from '../core/index.js';
import { formatPlatform, parsePlatform } from '../latency/index.js';
import {
  architectureFromJson,
  parseArchitecture,
  presetArchitecture,
  presetNames,
  searchSpace,
  spaceFromFile,
  spaceNames,
  type Architecture,
  type SearchSpace,
  type Task,
} from '../space/index.js';

const MOST_BYTES = 16 * 1024 * 1024;

/**
 * What a user names as an architecture: a text form (`nas1:…`), a file with one (text, or JSON as `nas export` and
 * `nas arch --json` write it), or a preset with an optional width multiplier. The task holds for presets only.
 * @throws NasError `NAS_UNKNOWN_PRESET`, `NAS_BAD_ARCHITECTURE`, `NAS_NO_FILE`
 */
export function resolveArchitecture(
  given: string,
  task: Task,
): { architecture: Architecture; name: string | undefined } {
  if (/^\s*nas\d+:/.test(given)) return { architecture: parseArchitecture(given.trim()), name: undefined };
  if (looksLikeFile(given))
    return { architecture: architectureFromText(readSmall(given), given), name: undefined };
  return { architecture: presetArchitecture(given, task), name: given };
}

/** The architecture in a file's text: a text form, or JSON with `architecture`, `text` or the plain data itself. */
export function architectureFromText(content: string, source: string): Architecture {
  const trimmed = content.trim();
  if (!trimmed.startsWith('{')) return parseArchitecture(trimmed);
  const read = parseUserJson(trimmed);
  if ('fault' in read) {
    throw new NasError({
      code: 'NAS_BAD_ARCHITECTURE',
      found: `${source} starts like JSON but cannot be read as JSON: ${read.fault}`,
      expected: 'what `nas export --format json` or `nas arch --json` writes',
      cause: read.cause,
    });
  }
  const { value } = read;
  const record = value as Record<string, unknown>;
  for (const text of [record['text'], record['architecture']])
    if (typeof text === 'string') return parseArchitecture(text);
  return architectureFromJson(record['architecture'] ?? value);
}

/**
 * What a user names as a search space: a built-in one, or a YAML file.
 * @throws NasError `NAS_UNKNOWN_SPACE` and what reading the file finds
 */
export function resolveSpace(given: string, task: Task): SearchSpace {
  return looksLikeFile(given) && !spaceNames.includes(given)
    ? spaceFromFile(given, task)
    : searchSpace(given, task);
}

/** Neither a built-in space nor a file's name: known without a task. @throws NasError `NAS_UNKNOWN_SPACE` */
export function requireSpaceName(given: string): void {
  if (spaceNames.includes(given) || looksLikeFile(given)) return;
  throw unknownName('search space', given, spaceNames, 'NAS_UNKNOWN_SPACE');
}

/**
 * A latency platform as a study keeps it: written in the one way, files by their whole path, so that it means the same
 * from wherever the study is resumed.
 * @throws NasError `NAS_UNKNOWN_PLATFORM`, `NAS_BAD_PLATFORM`
 */
export function resolvePlatform(given: string): string {
  const spec = parsePlatform(given);
  if (spec.kind === 'table') return formatPlatform({ ...spec, file: resolve(spec.file) });
  if (spec.kind !== 'command' || !/[/\\]/.test(spec.program)) return formatPlatform(spec);
  return formatPlatform({ ...spec, program: resolve(spec.program) });
}

function looksLikeFile(given: string): boolean {
  return existsSync(given) || /[/\\]|\.(json|ya?ml|txt)$/.test(given);
}

function readSmall(path: string): string {
  const read = readUserText(path, MOST_BYTES);
  if ('value' in read) return read.value;
  if (read.unreadable !== true)
    throw new NasError({
      code: 'NAS_NO_FILE',
      found: `${path}: ${read.fault}`,
      expected: 'a text form (nas1:…) or JSON in UTF-8, of at most 16 MiB',
    });
  const near = nearest(path, presetNames);
  throw new NasError({
    code: 'NAS_NO_FILE',
    found: `no readable file ${path}`,
    expected: `a preset (${presetNames.join(', ')}), a text form (nas1:…) or a file with one`,
    ...(near === undefined ? {} : { fix: `did you mean ${near}?` }),
    cause: read.cause,
  });
}
