import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { describe, expect, it } from 'vitest';
import { places } from '../../src/app/index.js';
import { nasProgram } from '../../src/cli/program.js';
import { emptyFolder, listing, nas } from './nas.js';
import { silent } from './silent.js';

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

const commands = commandsOf(nasProgram(silent));

/** What an option makes of a text, regardless of what it has collected before. */
function parsed(option: Option, text: string): unknown {
  const value = option.parseArg?.(text, undefined) as unknown;
  return Array.isArray(value) ? value[0] : value;
}

describe('~ in a path', () => {
  const paths = commands.flatMap((command) =>
    command.options
      .filter(({ flags, argChoices }) => argChoices === undefined && /<(dir|file)>|^--space /.test(flags))
      .map((option) => [`${command.name()} ${option.flags}`, option] as const),
  );

  it.each(paths)('is the home folder in %s', (_, option) => {
    expect(parsed(option, '~/x')).toBe(join(homedir(), 'x'));
    expect(parsed(option, '~')).toBe(homedir());
    expect(parsed(option, 'x/~/y')).toBe('x/~/y');
    expect(() => parsed(option, '~other/x')).toThrow(/home folder of another user.*fix: write the whole/);
  });

  it('is seen in every command that takes a path', () => {
    expect(paths.length).toBeGreaterThan(25);
  });

  /** Options of that name that take more than a choice of names, which no path is among. */
  const named = (name: string): (readonly [string, Option])[] =>
    commands.flatMap((command) =>
      command.options
        .filter(({ long, argChoices }) => long === name && argChoices === undefined)
        .map((option) => [`${command.name()} ${name}`, option] as const),
    );

  it.each(named('--data'))('is the home folder in %s images:DIR', (_, option) => {
    expect(parsed(option, 'images:~/x')).toBe(`images:${join(homedir(), 'x')}`);
    expect(parsed(option, 'cifar10')).toBe('cifar10');
    expect(() => parsed(option, 'images:~other')).toThrow(/another user/);
  });

  it.each(named('--platform'))('is the home folder in %s', (_, option) => {
    expect(parsed(option, 'table:~/t.yaml')).toBe(`table:${join(homedir(), 't.yaml')}`);
    expect(parsed(option, 'command:~/bin/x --a ~')).toBe(`command:${join(homedir(), 'bin/x --a ~')}`);
    expect(parsed(option, 'tensorflow')).toBe('tensorflow');
  });

  it('is the home folder in the settings of the environment', () => {
    expect(places({ runs: '~/runs' }).runs).toBe(join(homedir(), 'runs'));
  });

  it('makes no folder of that name', { timeout: 60_000 }, async () => {
    using folder = emptyFolder();
    const options = { cwd: folder.path, env: { HOME: join(folder.path, 'home') } };
    const search = ['search', '--backend', 'reference', '--target-latency', '2ms'];
    const [mine, others] = await Promise.all([
      nas([...search, '--data', 'images:~/none'], options),
      nas([...search, '--runs=~other/x'], options),
    ]);
    expect(mine.stderr).toContain(`cannot open ${join(folder.path, 'home', 'none')}`);
    expect(others).toMatchObject({ code: 2 });
    expect(others.stderr).toMatch(/^error: [^\n]*~other\/x[^\n]*fix:[^\n]*\n$/);
    expect(listing(folder.path)).toEqual([]);
  });
});
