import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LEAST = { 'docs/architecture.md': 35, 'CONTRIBUTING.md': 25, 'docs/methods.md': 15 };

const ROOTED = /^(src|test|bench|scripts|docs|examples|schemas)\/[\w./-]+$/;
/** Names that stand for many files. */
const PATTERN = /(^|\/)(index\.ts$|x\.|NNNN-)/;
const SOURCE = /^[\w./-]+\.(ts|mjs|cjs)$/;

/**
 * Paths that a page writes as code, from the repository's root: `src/pool`, `scripts/docs.mjs`. A source file without a
 * root (`ppo.ts`) lies in the folder of the path before it.
 */
function pathsIn(page: string): readonly string[] {
  const text = readFileSync(`${ROOT}/${page}`, 'utf8').replace(/```[\s\S]*?```/g, '');
  const paths: string[] = [];
  let folder = '.';
  for (const [, span = ''] of text.matchAll(/`([^`\n]+)`/g)) {
    if (PATTERN.test(span)) continue;
    if (ROOTED.test(span)) {
      paths.push(span);
      folder = span.endsWith('/') ? span.slice(0, -1) : dirname(span);
    } else if (SOURCE.test(span)) paths.push(existsSync(`${ROOT}/${span}`) ? span : `${folder}/${span}`);
  }
  return paths;
}

describe.each(Object.entries(LEAST))('the paths in %s', (page, least) => {
  it('are files and folders that exist', () => {
    const paths = pathsIn(page);
    expect(paths.length).toBeGreaterThanOrEqual(least);
    expect(paths.filter((path) => !existsSync(`${ROOT}/${path}`))).toEqual([]);
  });
});
