import { Command } from 'commander';
import { places, readMeantStudy, requireTrial, specOf } from '../../app/index.js';
import { familyOf, familyTable, flatTrial, frontierPicture, jsonRows, pointsOf } from '../../report/index.js';
import { trialRow } from '../../trials/index.js';
import { jsonOption, runsOption, studyOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface FamilyOptions {
  readonly study?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `nas family TRIAL`: the network that NetAdapt began with, and all that was made of it. */
export function familyCommand(output: Output): Command {
  return new Command('family')
    .description('print and draw the networks that NetAdapt and retraining made of one, step by step')
    .argument('<trial>', 'the number of any of them', wholeNumber(1))
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action((id: number, options: FamilyOptions) => {
      using reader = readMeantStudy(places({ runs: options.runs }), options.study);
      requireTrial(reader, id);
      const family = familyOf(reader, id);
      if (family === undefined) return;
      const rows = family.members.flatMap(({ trial, step, change }) => {
        const found = reader.trial(trial);
        return found === undefined ? [] : [{ row: trialRow(found), step, change }];
      });
      if (options.json === true)
        return output.print(jsonRows(rows.map(({ row, ...rest }) => ({ ...flatTrial(row), ...rest }))));
      const picture = frontierPicture(pointsOf(rows.map(({ row }) => row)), {
        targetMs: specOf(reader).latency.targetMs,
        width: Math.min(output.width, 100),
        height: 18,
        colour: output.colour,
      });
      output.print(`${picture}\n\n${familyTable(family, id, output)}`);
    });
}
