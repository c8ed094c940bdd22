import { Command } from 'commander';
import { places, readMeantStudy, replayTrial } from '../../app/index.js';
import { replayReport, progressBar } from '../../report/index.js';
import type { Progress } from '../../trials/index.js';
import { interruption } from '../interrupt.js';
import {
  againOption,
  dataFolderOption,
  extrapolationOption,
  jsonOption,
  runsOption,
  studyOption,
  wholeNumber,
} from '../options.js';
import type { Output } from '../output.js';

interface ReplayOptions {
  readonly study?: string;
  readonly platform?: readonly string[];
  readonly runs?: string;
  readonly dataFolder?: string;
  readonly allowExtrapolation?: boolean;
  readonly json?: boolean;
}

/** `nas replay TRIAL`: trains and times it again; exit code 1 where the result does not agree. */
export function replayCommand(output: Output): Command {
  return new Command('replay')
    .description('train and time a trial again as it was, and say whether the result agrees; stores nothing')
    .argument('<trial>', 'its number', wholeNumber(1))
    .addOption(studyOption())
    .addOption(againOption())
    .addOption(extrapolationOption())
    .addOption(runsOption())
    .addOption(dataFolderOption())
    .addOption(jsonOption())
    .action(async (trial: number, options: ReplayOptions) => {
      const where = places({ runs: options.runs, data: options.dataFolder });
      using reader = readMeantStudy(where, options.study);
      const draw = liveLine(output);
      try {
        const replayed = await replayTrial(where, reader, {
          trial,
          platforms: options.platform,
          allowExtrapolation: options.allowExtrapolation,
          dataFolder: options.dataFolder === undefined ? null : where.data,
          signal: interruption((text) => output.note(text)),
          notice: (text) => {
            output.note(text);
          },
          progress: draw,
        });
        if (options.json === true) output.json(replayed);
        else output.print(replayReport(replayed, output));
        process.exitCode = replayed.agrees ? 0 : 1;
      } finally {
        output.status(null);
      }
    });
}

/** One line on the terminal that says what is done; a line per phase where none can be redrawn. */
function liveLine(output: Output): (progress: Progress) => void {
  let phase = '';
  return (progress) => {
    const changed = progress.phase !== phase;
    phase = progress.phase;
    const text = `replay of trial ${progress.trial}: ${phase}`;
    if (output.live) output.status(progressBar(progress.done, text, output));
    else if (changed) output.note(text);
  };
}
