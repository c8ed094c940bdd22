import { CommanderError, type Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { nasProgram } from '../../src/cli/program.js';
import { splitWords } from '../../src/latency/platform/words.js';
import { silent } from '../cli/silent.js';
import { PAGES, pageText, printedCommands, printedOptions } from './printed-commands.js';

/** Options of other programs, and of programs that ours calls. */
const FOREIGN = new Set([
  ...[
    '--help',
    '--version',
    '--ignore-scripts',
    '--check',
    '--short',
    '--only',
    '--compile',
    '--device',
    '--networks',
  ],
  ...['--host-resolver-rules', '--project', '--model', '--warmup', '--repeat'],
  ...['--no-spinning', '--provider', '--fp16', '--with-transfers', '--no-deps', '--only-binary', '--follow'],
]);

/** The command that a line names, and the words behind its name. */
function meant(line: string): {
  readonly command: Command;
  readonly path: readonly string[];
  readonly rest: readonly string[];
} {
  const words = splitWords(line) ?? [];
  const rest = words[0] === 'nas' ? words.slice(1) : words;
  let command = nasProgram(silent);
  const path: string[] = [];
  for (const word of rest) {
    const child = command.commands.find((one) => one.name() === word);
    if (child === undefined) break;
    command = child;
    path.push(word);
  }
  return { command, path, rest: rest.slice(path.length) };
}

/** What is wrong with a command by its name and its options; null where nothing is. */
function wrongIn(line: string): string | null {
  const { command, path, rest } = meant(line);
  if (path.length === 0 && rest.length > 0 && !(rest[0] ?? '').startsWith('-')) return 'no such command';
  const flags = new Set([...command.options.flatMap(({ long }) => long ?? []), '--help', '--version']);
  const wrong = rest.filter((word) => /^--[a-z]/.test(word) && !flags.has(word.split('=')[0] ?? ''));
  return wrong.length === 0 ? null : `${path.join(' ')} has no ${wrong.join(', ')}`;
}

/** What the command line says to a whole command, of which nothing is run; null where it takes it. */
async function refusalOf(line: string): Promise<string | null> {
  const program = nasProgram(silent);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
    command.commands.forEach(quiet);
  };
  quiet(program);
  const words = splitWords(line) ?? [];
  try {
    await program.parseAsync(words[0] === 'nas' ? words.slice(1) : words, { from: 'user' });
    return null;
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
}

/** Has a place that the reader fills in. */
const isPattern = (line: string): boolean => /…|\b[A-Z]{3,}\b(?![^']*':)/.test(line);

describe('this check', () => {
  it('finds commands, and what is wrong with them', async () => {
    const page =
      '```sh\nnpx nas trials x --sort accuracy \\\n  --desc   # best\n```\n`nas show 7` or `--keep all`';
    expect(printedCommands(page)).toEqual([
      { line: 'nas trials x --sort accuracy --desc', copied: true },
      { line: 'nas show 7', copied: false },
    ]);
    expect(printedOptions(page)).toEqual(['--keep']);
    expect(wrongIn('nas trials --colour red')).toBe('trials has no --colour');
    expect(wrongIn('nas foretell')).toBe('no such command');
    expect(await refusalOf('nas search --gate 0.5')).toMatch(/expected a number of at least 1/);
    expect(await refusalOf('nas search --gate 1.5 --target-latency 2ms')).toBeNull();
  });
});

describe.each(PAGES)('%s', (page) => {
  const commands = printedCommands(pageText(page));

  it('names commands and options that exist', () => {
    const wrong = commands.flatMap(({ line }) => {
      const what = wrongIn(line);
      return what === null ? [] : [`${line}: ${what}`];
    });
    expect(wrong).toEqual([]);
    const known = new Set(
      commandsOf(nasProgram(silent)).flatMap(({ options }) => options.map(({ long }) => long)),
    );
    expect(printedOptions(pageText(page)).filter((flag) => !known.has(flag) && !FOREIGN.has(flag))).toEqual(
      [],
    );
  });

  it('has commands to copy that the command line takes', async () => {
    for (const { line, copied } of commands)
      if (copied && !isPattern(line))
        expect(`${line}: ${(await refusalOf(line)) ?? 'taken'}`).toBe(`${line}: taken`);
  });
});

it('finds the commands of the pages', () => {
  const all = PAGES.flatMap((page) => printedCommands(pageText(page)));
  expect(all.filter(({ copied, line }) => copied && !isPattern(line)).length).toBeGreaterThan(40);
  expect(all.length).toBeGreaterThan(150);
});

function commandsOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}
