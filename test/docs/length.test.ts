import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));

/** Words at most, tables and programs included; of a decision, half a page. */
const MOST = { 'guide.md': 2500, 'methods.md': 2500 };
const MOST_OF_A_DECISION = 280;

const pages = [
  ...Object.entries(MOST),
  ...readdirSync(`${DOCS}/decisions`).map((name) => [`decisions/${name}`, MOST_OF_A_DECISION] as const),
];

/** What stands between blanks and has a letter or a digit. */
const wordsIn = (text: string): number =>
  text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

describe.each(pages)('docs/%s', (page, most) => {
  it(`has at most ${most} words`, () => {
    const words = wordsIn(readFileSync(`${DOCS}/${page}`, 'utf8'));
    expect(words).toBeGreaterThan(0);
    expect(words).toBeLessThanOrEqual(most);
  });
});

describe('a decision', () => {
  it.each(readdirSync(`${DOCS}/decisions`))('%s says context, decision and consequences', (name) => {
    const text = readFileSync(`${DOCS}/decisions/${name}`, 'utf8');
    const parts = [...text.matchAll(/^(?:## |\*\*)(Context|Decision|Consequences)\b/gm)].map(
      ([, part]) => part,
    );
    expect(parts).toEqual(['Context', 'Decision', 'Consequences']);
  });
});
