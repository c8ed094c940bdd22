import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['src', 'test', 'bench', 'scripts', 'docs', 'examples', '.ci'];
const FILES = [
  'README.md',
  'CONTRIBUTING.md',
  'eslint.config.js',
  'vitest.config.ts',
  '.dependency-cruiser.cjs',
];
const TEXT = /(\.(ts|mts|mjs|cjs|js|md|py|json|txt|css|ya?ml|c)|\/run)$/;

/** Words of a private vocabulary and odd English, each a whole word in any case; docs/decisions/0018 has the field's words. */
const RETIRED = [
  ...[
    '(?<!in[ -])flight',
    'landed',
    'grounded',
    'ledger',
    'endings',
    'foresight',
    'foretelling',
    'foretold',
    'crew',
  ],
  ...[
    'lanes?',
    'tether',
    'mistakes?',
    'doom(?:ed)?',
    'spoilt',
    'calm(?:est)?',
    'first readings?',
    'crowding',
    'borders',
  ],
  ...[
    'tightest',
    'under[- ]way',
    'alike',
    'families',
    'salvage',
    'wishes',
    'abandoned',
    'judg(?:es?|ed|ing)',
  ],
  ...['mend(?:s|ed|ing)?', 'told', 'tells', 'go(?:es|ing)? on', 'so many', 'beside', 'anew', 'in vain'],
  ...[
    'nobody',
    'somebody',
    'whoever',
    'shall',
    'at once',
    'all the same',
    'must not be exceeded',
    '(?<!soon )as it is',
  ],
  ...['a disk broke', 'takes itself for', 'comes near', 'said to be'],
];

/** Where such a word is a name that was stored, or is the subject. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'test/projects/words.test.ts': ['*'],
  'docs/decisions/0018-words-and-rooms.md': ['*'],
  'src/trials/schema/read-stored.ts': ['foretold'],
  'src/trials/sqlite/reader.ts': ['foretold'],
  'src/latency/table/table.ts': ['borders', 'crowding'],
  'src/trials/model/controller-history.ts': ['told'],
  'test/trials/controller-history.test.ts': ['told'],
  // A stream's name: another one would draw other networks.
  'test/latency/table/model.test.ts': ['judge'],
};

const pattern = new RegExp(`(?<![\\w'-])(?:${RETIRED.join('|')})(?![\\w])`, 'gi');

function retiredIn(file: string): readonly string[] {
  // A phrase may go over the end of a comment's line.
  const text = readFileSync(join(ROOT, file), 'utf8').replace(/\s*\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g, ' ');
  const allowed = ALLOWED[file] ?? [];
  return [...text.matchAll(pattern)].flatMap(({ 0: word, index }) =>
    allowed.includes('*') || allowed.includes(word.toLowerCase())
      ? []
      : [`${file}: … ${text.slice(Math.max(0, index - 30), index + word.length + 20)} …`],
  );
}

const files = [
  ...FILES,
  ...FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name}`)
      .filter((file) => TEXT.test(file) && !/\/(fixtures|\.scratch|__pycache__|node_modules)\//.test(file)),
  ),
];

describe('retired words', () => {
  it('are found across lines', () => {
    expect('it goes\n * on'.replace(/\s*\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g, ' ').match(pattern)).toEqual([
      'goes on',
    ]);
  });

  it('are in no file', () => {
    expect(files.length).toBeGreaterThan(900);
    expect(files.flatMap(retiredIn)).toEqual([]);
  });
});
