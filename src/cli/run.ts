import { CommanderError, type Command } from 'commander';
import { ONNXRUNTIME_ENVIRONMENT } from '../app/index.js';
import { expandPaths } from './options.js';
import { terminalText } from '../report/index.js';
import { EXIT, reportError, type Output } from './output.js';

/** Parses and runs; resolves to the exit code, when all output is written, and never rejects. */
export async function run(program: Command, argv: readonly string[], output: Output): Promise<number> {
  return output.end(await codeOf(program, argv, output));
}

async function codeOf(program: Command, argv: readonly string[], output: Output): Promise<number> {
  // Also for what is started from here, programs of `command:` included.
  Object.assign(process.env, ONNXRUNTIME_ENVIRONMENT);
  let runs: string | undefined;
  program.hook('preAction', (_, command) => {
    runs = command.opts<{ readonly runs?: string }>().runs;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.serializedError;
    return reportError(error, (text) => output.note(text), runs);
  }
}

/** Settings that hold for every command: errors end in one line, names are suggested, `~` is the home folder. */
export function strict(command: Command): Command {
  command
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureOutput({
      outputError: (text, write) => write(terminalText(oneLine(text, pathOf(command)), false)),
    });
  expandPaths(command);
  for (const child of command.commands) strict(child);
  return command;
}

/** Commander's message as ours are: one line, with what was expected or a fix. */
function oneLine(text: string, path: string): string {
  const line = text
    .trim()
    .replace(/\s*\(Did you mean (?:one of )?(.*)\?\)/, '. fix: did you mean $1?')
    .replace('Allowed choices are ', 'expected one of ')
    .replaceAll('\n', ' ');
  return `${/expected|fix:/i.test(line) ? line : `${line}. fix: ${path} --help shows what there is`}\n`;
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
