import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BaseSequencer } from 'vitest/node';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Seconds of the slow test files, as `npm test -- --seconds` last wrote them. */
export const SECONDS_FILE = join(ROOT, 'test/projects/seconds.json');

/** Files that take less are not in that table; a new one is taken for as long as that. */
export const LISTED_FROM = 5;

/** Starts the longest test files first, so that all workers finish at about the same time. */
export class LongestFirst extends BaseSequencer {
  sort(files) {
    const seconds = existsSync(SECONDS_FILE) ? JSON.parse(readFileSync(SECONDS_FILE, 'utf8')) : {};
    const of = ({ moduleId }) => seconds[relative(ROOT, moduleId)] ?? LISTED_FROM;
    return Promise.resolve(files.toSorted((a, b) => of(b) - of(a) || (a.moduleId < b.moduleId ? -1 : 1)));
  }
}
