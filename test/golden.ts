import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/**
 * Compares a text with its golden file, `path` below `test/`. `GOLDEN=1` writes the file instead, so that every
 * change of an output is a decision that shows in the diff.
 */
export function expectGolden(path: string, text: string): void {
  const file = join(dirname(fileURLToPath(import.meta.url)), path);
  const content = text.endsWith('\n') ? text : `${text}\n`;
  if (process.env['GOLDEN'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return;
  }
  if (!existsSync(file)) expect.fail(`no golden file ${path}: check the output, then run with GOLDEN=1`);
  expect(content).toBe(readFileSync(file, 'utf8'));
}
