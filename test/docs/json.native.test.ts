import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nasProgram } from '../../src/cli/program.js';
import { FLAT_NAMES } from '../../src/report/index.js';
import { silent } from '../cli/silent.js';
import { writeStudy } from '../cli/studies.js';
import { pageText } from './printed-commands.js';

const folder = mkdtempSync(join(tmpdir(), 'nas-docs-'));
const runs = join(folder, 'runs');
beforeAll(() => {
  writeStudy(runs);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What a command prints with `--json`. */
async function printed(words: readonly string[]): Promise<unknown> {
  let found: unknown;
  const output = {
    ...silent,
    json: (value: unknown) => (found = value),
    print: (text: string) => (found = JSON.parse(text) as unknown),
  };
  await nasProgram(output).parseAsync([...words, '--json'], { from: 'user' });
  return JSON.parse(JSON.stringify(found)) as unknown;
}

/** Names in code in the row of a command. */
function documented(command: string): readonly string[] {
  const table = pageText('docs/commands.md').split('\n## What --json prints\n')[1] ?? '';
  const row = table.split('\n').find((line) => line.startsWith(`| \`${command}\` `)) ?? '';
  return [
    ...row
      .split('|')
      .slice(2)
      .join('|')
      .matchAll(/`(\w+)`/g),
  ].map(([, name = '']) => name);
}

const first = (value: unknown): unknown => (Array.isArray(value) ? (value as readonly unknown[])[0] : value);
const fields = (value: unknown): readonly string[] => {
  const one = first(value);
  return typeof one === 'object' && one !== null && !Array.isArray(one) ? Object.keys(one) : [];
};
/** Fields of the fields, and texts, which a row may explain. */
const inner = (value: unknown): readonly unknown[] =>
  Object.values(Object(first(value)) as Readonly<Record<string, unknown>>).flatMap((one) => [
    ...fields(one),
    one,
  ]);

/** Of `nas detector` where it times: test/detector/whole.native.test.ts runs that. */
const WITH_PLATFORM = [
  ...['latency', 'platform', 'version', 'device', 'threads', 'backbone', 'detector'],
  ...['medianMs', 'madMs', 'runs'],
];

describe.each([
  ['nas studies', ['studies', '--runs', runs], []],
  ['nas arch', ['arch', 'mobilenet_v3_small'], []],
  ['nas detector', ['detector', 'mobilenet_v3_small'], WITH_PLATFORM],
  ['nas space', ['space', 'mobilenetv3'], []],
  ['nas space --sample', ['space', 'mobilenetv3', '--sample', '1'], []],
  ['nas data list', ['data', 'list', '--data-folder', folder], ['present', 'absent', 'broken']],
  ['nas show', ['show', '1', '--study', 'demo', '--runs', runs], FLAT_NAMES],
] as const)('%s --json', (command, words, known) => {
  it('prints the fields that docs/commands.md names, and no other', async () => {
    const value = await printed(words);
    const names = documented(command);
    expect(fields(value).length).toBeGreaterThan(3);
    expect(
      fields(value).filter((name) => !names.includes(name) && !(known as readonly string[]).includes(name)),
    ).toEqual([]);
    const allowed = [...fields(value), ...inner(value), ...known];
    expect(names.filter((name) => !allowed.includes(name))).toEqual([]);
  });
});
