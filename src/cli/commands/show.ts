import { Command } from 'commander';
import { places, readMeantStudy, requireTrial, specOf, viewOfTrial } from '../../app/index.js';
import { describeArchitecture, parseArchitecture } from '../../space/index.js';
import { flatTrial, trialDetails } from '../../report/index.js';
import { trialRow, type Trial, type TrialReader } from '../../trials/index.js';
import { jsonOption, runsOption, studyOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface ShowOptions {
  readonly study?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

/** Children that are listed: the most accurate ones. */
const MOST_CHILDREN = 12;

/** `nas show TRIAL`: everything known of one trial. */
export function showCommand(output: Output): Command {
  return new Command('show')
    .description('print everything known of a trial: architecture, curve, latency, lineage, origin')
    .argument('<trial>', 'its number', wholeNumber(1))
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(jsonOption())
    .action((id: number, options: ShowOptions) => {
      using reader = readMeantStudy(places({ runs: options.runs }), options.study);
      const trial = requireTrial(reader, id);
      const view = viewOfTrial(reader, id);
      const children = view?.children ?? [];
      const ancestors = view?.ancestors ?? [];
      if (options.json === true)
        return output.json({
          ...flatTrial(trialRow(trial)),
          genome: trial.genome,
          choices: Object.fromEntries(view?.genome ?? []),
          note: trial.note,
          outcome: trial.outcome,
          parents: ancestors.map((row) => row.trial),
          children: children.map((row) => row.trial),
          environment: reader.study.environment,
          blocks: view?.blocks ?? [],
          architecture: describeArchitecture(parseArchitecture(trial.text)),
        });
      const shown = children
        .toSorted((a, b) => (b.accuracy ?? -1) - (a.accuracy ?? -1) || a.trial - b.trial)
        .slice(0, MOST_CHILDREN);
      output.print(
        trialDetails(trial, output, {
          parents: trialsOf(reader, ancestors),
          children: trialsOf(reader, shown),
          childCount: children.length,
          genome: view?.genome ?? [],
          environment: view?.environment ?? [],
          note: view?.note ?? [],
          targetMs: specOf(reader).latency.targetMs,
        }),
      );
    });
}

function trialsOf(reader: TrialReader, rows: readonly { readonly trial: number }[]): readonly Trial[] {
  return rows.flatMap(({ trial }) => reader.trial(trial) ?? []);
}
