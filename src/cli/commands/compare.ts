import { Command } from 'commander';
import { compareStudies, compareTrials, places, readMeantStudy, type Places } from '../../app/index.js';
import { NasError } from '../../core/index.js';
import { flatTrial, studyComparison, trialComparison } from '../../report/index.js';
import { jsonOption, runsOption, studyOption } from '../options.js';
import type { Output } from '../output.js';

interface CompareOptions {
  readonly study?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `nas compare A B`: two trials, or two studies, side by side. */
export function compareCommand(output: Output): Command {
  return new Command('compare')
    .description('compare two trials or two studies; differences within the errors are not claimed')
    .argument('<a>', 'a trial (12, or STUDY:12), or a study')
    .argument('<b>', 'another one of the same kind')
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action((first: string, second: string, options: CompareOptions) => {
      const where = places({ runs: options.runs });
      const [a, b] = [meant(first), meant(second)];
      if (a.trial === null && b.trial === null) return printStudies(a.study, b.study, where, options, output);
      if (a.trial === null || b.trial === null) throw mixed(first, second);
      using readerA = readMeantStudy(where, a.study ?? options.study);
      using readerB = readMeantStudy(where, b.study ?? options.study);
      const found = compareTrials({ reader: readerA, trial: a.trial }, { reader: readerB, trial: b.trial });
      if (options.json !== true) return output.print(trialComparison(found, output));
      output.json({ ...found, a: flatTrial(found.a), b: flatTrial(found.b) });
    });
}

function printStudies(
  a: string | undefined,
  b: string | undefined,
  where: Places,
  options: CompareOptions,
  output: Output,
): void {
  using readerA = readMeantStudy(where, a);
  using readerB = readMeantStudy(where, b);
  const found = compareStudies(readerA, readerB);
  if (options.json === true) output.json(found);
  else output.print(studyComparison(found, output));
}

interface Meant {
  readonly study: string | undefined;
  /** null: the study as a whole. */
  readonly trial: number | null;
}

/** `12`, `STUDY:12` or `STUDY`; a study with a name of digits is written `12:`. */
function meant(text: string): Meant {
  const [, study, number = ''] = /^(?:([^:]*):)?(\d*)$/.exec(text) ?? [];
  if (study === undefined && number !== '') return { study: undefined, trial: trialOf(number, text) };
  if (study !== undefined && study !== '')
    return { study, trial: number === '' ? null : trialOf(number, text) };
  if (text !== '' && !text.includes(':')) return { study: text, trial: null };
  throw wrong(text);
}

function trialOf(number: string, text: string): number {
  const trial = Number(number);
  if (trial >= 1 && Number.isSafeInteger(trial)) return trial;
  throw wrong(text);
}

function wrong(text: string): NasError {
  return new NasError({
    code: 'NAS_BAD_COMPARISON',
    found: JSON.stringify(text.slice(0, 80)),
    expected: 'a trial (12, or STUDY:12), or the name of a study',
    fix: 'nas studies and nas trials list them',
  });
}

function mixed(a: string, b: string): NasError {
  return new NasError({
    code: 'NAS_BAD_COMPARISON',
    found: `${a.slice(0, 80)} and ${b.slice(0, 80)}: a trial and a study`,
    expected: 'two trials, or two studies',
    fix: 'name a trial of the study as STUDY:12',
  });
}
