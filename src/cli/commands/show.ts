import { Command } from 'commander';
import { places, readMeantStudy, requireTrial } from '../../app/index.js';
import { describeArchitecture, parseArchitecture } from '../../space/index.js';
import { flatTrial, trialDetails } from '../../report/index.js';
import { trialRow, type Trial } from '../../trials/index.js';
import { jsonOption, runsOption, studyOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface ShowOptions {
  readonly study?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `nas show TRIAL`: everything known of one trial. */
export function showCommand(output: Output): Command {
  return new Command('show')
    .description('print everything known of a trial: architecture, curve, latency, origin')
    .argument('<trial>', 'its number', wholeNumber(1))
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action((id: number, options: ShowOptions) => {
      using reader = readMeantStudy(places({ runs: options.runs }), options.study);
      const trial = requireTrial(reader, id);
      const parents: Trial[] = [];
      for (let at = trial.parent; at !== null && parents.length < 1000; at = parents.at(-1)?.parent ?? null) {
        const parent = reader.trial(at);
        if (parent === undefined) break;
        parents.push(parent);
      }
      if (options.json !== true)
        return output.print(trialDetails(trial, output, { parents, environment: reader.study.environment }));
      output.json({
        ...flatTrial(trialRow(trial)),
        genome: trial.genome,
        note: trial.note,
        outcome: trial.outcome,
        parents: parents.map((parent) => parent.id),
        architecture: describeArchitecture(parseArchitecture(trial.text)),
      });
    });
}
