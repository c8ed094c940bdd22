import { describe, expect, it } from 'vitest';
import { expectGolden } from '../golden.js';
import { nasProgram } from '../../src/cli/program.js';
import { nas } from './nas.js';
import { silent } from './silent.js';
import type { Command } from 'commander';

/** Every command by its words, the program itself first. */
function commandsOf(command: Command, words: readonly string[]): [string, Command][] {
  return [
    [words.join(' '), command],
    ...command.commands.flatMap((child) => commandsOf(child, [...words, child.name()])),
  ];
}

describe('help', () => {
  it.each(commandsOf(nasProgram(silent), ['nas']))('of `%s`', (words, command) => {
    command.configureHelp({ helpWidth: 100 });
    expectGolden(`cli/golden/${words.replaceAll(' ', '-')}.help.txt`, command.helpInformation());
  });

  it('and version are printed to standard output', async () => {
    const [help, version, none] = await Promise.all([
      nas(['search', '--help'], { cwd: '.' }),
      nas(['--version'], { cwd: '.' }),
      nas([], { cwd: '.' }),
    ]);
    expect(help).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^Usage: nas search/) as string,
    });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(none).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^Usage: nas/) as string,
    });
  });
});
