import { InvalidArgumentError, Option, type Command } from 'commander';
import { FOLDERS, LIBRARY_NAMES } from '../app/index.js';
import { collect } from './aims.js';
import { presetNames, spaceNames } from '../space/index.js';
import { expandHome, isNasError, parseDurationSeconds, parseLatency } from '../core/index.js';

/** Turns a checker's NasError into the one-line error of a wrong option. */
function checked<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (isNasError(error)) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** What `--space` takes, for help. */
export const SPACES = `${spaceNames.join(', ')} or a YAML file`;

/** A whole number of at least `least`. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text.trim()) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
      throw new InvalidArgumentError(`expected a whole number ${range}.`);
    }
    return value;
  };
}

/** A number in the range that `is` accepts; `expected` says which. */
export function realNumber(expected: string, is: (value: number) => boolean): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value) || !is(value)) {
      throw new InvalidArgumentError(`expected ${expected}.`);
    }
    return value;
  };
}

export const latency = checked(parseLatency);
/** A path, `~` expanded; names without a leading `~` stay as they are. */
export const path = checked((text) => expandHome(text));
/** A platform as given, `~` expanded where a file or a program follows its name. */
export const platformName = checked((text) => {
  const [, kind, rest] = /^\s*(table:|command:)(~.*)$/s.exec(text) ?? [];
  return kind === undefined || rest === undefined ? text : kind + expandHome(rest);
});
/** A data set as given, `~` expanded in `images:DIR`. */
export const dataSetName = checked((text) =>
  text.startsWith('images:') ? `images:${expandHome(text.slice('images:'.length))}` : text,
);

/** Expands `~` in every option of a command that takes a `<dir>` or a `<file>`. */
export function expandPaths(command: Command): void {
  for (const option of command.options)
    if (/<(dir|file)>/.test(option.flags) && option.parseArg === undefined) option.argParser(path);
}

/** Presets by name, separated by commas; `none` for none. */
export function presetList(text: string): readonly string[] {
  const names = text.trim() === 'none' ? [] : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !presetNames.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(`expected none, or some of ${presetNames.join(', ')}, separated by commas.`);
}

export const duration = checked(parseDurationSeconds);

/** `224`, `28x28x1` or `480x640`: height, width, channels. */
export function pictureSize(text: string): [number, number, number] {
  const parts = text.split('x').map(Number);
  const [height = Number.NaN, width = height, channels = 3] = parts;
  const good =
    parts.length <= 3 && [height, width, channels].every((n) => Number.isInteger(n) && n >= 1 && n <= 4096);
  if (!good) throw new InvalidArgumentError('expected a size such as 224, 28x28x1 or 480x640x3.');
  return [height, width, channels];
}

/** `640` or `480x640`: height and width. */
export function pictureSides(text: string): [number, number] {
  if (text.split('x').length > 2) throw new InvalidArgumentError('expected a size such as 640 or 480x640.');
  const [height, width] = pictureSize(text);
  return [height, width];
}

export const jsonOption = (): Option => new Option('--json', 'print JSON');
export const csvOption = (): Option => new Option('--csv', 'print CSV');
export const runsOption = (): Option =>
  new Option('--runs <dir>', `folder that holds a folder per study (default: ${FOLDERS.runs}, or NAS_RUNS)`);
export const dataFolderOption = (): Option =>
  new Option('--data-folder <dir>', `folder of the data sets (default: ${FOLDERS.data}, or NAS_DATA)`);
/** For commands that work on what a file names, see `requireTrusted`. */
export const againOption = (): Option =>
  new Option(
    '--platform <name>',
    'what the study is timed on, named again to trust a program or an agent in a study of others; may be repeated',
  ).argParser(collect(platformName));
export const studyOption = (): Option =>
  new Option('--study <name>', 'the study; the newest one when left out');

export function newDeviceOption(): Option {
  return new Option(
    '--new-device',
    'resume on another device than the study was timed on: its frontier and best trial are timed again here',
  );
}

export function extrapolationOption(): Option {
  return new Option(
    '--allow-extrapolation',
    'take a table: that covers less than half of what it is asked for',
  );
}

/** @param of what the weights may be given for */
export function weightsFromOption(of: string): Option {
  return new Option(
    '--weights-from <library>',
    `${of}: whose names the weights have (default: recognized)`,
  ).choices(LIBRARY_NAMES);
}
