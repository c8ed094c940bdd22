import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Pages that a user reads, by their path from the repository's root. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${ROOT}/docs`).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ...readdirSync(`${ROOT}/docs/decisions`).map((name) => `docs/decisions/${name}`),
];

export const pageText = (page: string): string => readFileSync(`${ROOT}/${page}`, 'utf8');

/** A command of ours as a page prints it. */
export interface Printed {
  /** Without `npx`: `nas search --resume`. */
  readonly line: string;
  /** Whether it stands in a block to be copied, not within a sentence. */
  readonly copied: boolean;
}

/** The `sh` blocks' and the code spans' commands of `nas` and `netadapt`. */
export function printedCommands(text: string): readonly Printed[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block
      .replace(/\s*\\\n\s*/g, ' ')
      .split('\n')
      .map((line) => line.replace(/\s+#\s.*$/, '').trim()),
  );
  const spans = [...withoutBlocks(text).matchAll(/`([^`]+)`/g)].map(([, span = '']) =>
    span.replace(/\s+/g, ' ').trim(),
  );
  return [...blocks.flatMap((line) => ours(line, true)), ...spans.flatMap((line) => ours(line, false))];
}

/** Options that stand alone in a code span, such as `--keep all`. */
export function printedOptions(text: string): readonly string[] {
  return [...withoutBlocks(text).matchAll(/`(--[a-z][a-z0-9-]*)[^`]*`/g)].map(([, option = '']) => option);
}

function withoutBlocks(text: string): string {
  return text.replace(/^```[\s\S]*?^```/gm, '');
}

function ours(line: string, copied: boolean): readonly Printed[] {
  const [, command] =
    /(?:^|nohup |setsid -f |--same-dir |NAS_\w+=\S+ )(?:npx )?((?:nas|netadapt)(?: .*)?)$/.exec(line) ?? [];
  if (command === undefined) return [];
  return [{ line: command.replace(/( > [\w./-]+(?: 2>&1)?)?(?: &)?$/, '').trim(), copied }];
}
