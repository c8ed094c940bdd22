import { Command } from 'commander';
import { places, readMeantStudy, specOf } from '../../app/index.js';
import { csv, flatTrial, jsonRows, trialTable } from '../../report/index.js';
import { bestUnder } from '../../trials/index.js';
import { csvOption, jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';
import { studyPicture, summaryOf } from '../study-picture.js';

interface FrontierOptions {
  readonly runs?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly hypervolume?: boolean;
}

/** `nas frontier [STUDY]`: the trials that no other beats in accuracy and latency, as a table and a picture. */
export function frontierCommand(output: Output): Command {
  return new Command('frontier')
    .description('the trials that no other beats in both accuracy and latency')
    .argument('[study]')
    .option('--hypervolume', 'only the hypervolume: a number, or with --json what it is measured from')
    .addOption(jsonOption())
    .addOption(csvOption())
    .addOption(runsOption())
    .action((study: string | undefined, options: FrontierOptions) => {
      using reader = readMeantStudy(places({ runs: options.runs }), study);
      const rows = reader.rows({ states: ['done'] });
      const { frontier, hypervolume, indistinguishable } = summaryOf(reader, rows);
      const othersOf = (trial: number): readonly number[] => indistinguishable.get(trial) ?? [];
      if (options.hypervolume === true) {
        if (options.json === true) output.json(hypervolume);
        else output.print(String(hypervolume?.share ?? 0));
        return;
      }
      if (options.json === true)
        return output.print(
          jsonRows(
            frontier.map((row) => ({ ...flatTrial(row), indistinguishable: [...othersOf(row.trial)] })),
          ),
        );
      if (options.csv === true)
        return output.print(
          csv(
            frontier.map((row) => ({ ...flatTrial(row), indistinguishable: othersOf(row.trial).join(' ') })),
          ),
        );
      const { targetMs } = specOf(reader).latency;
      const best = bestUnder(rows, targetMs)?.trial;
      output.print(studyPicture(reader, targetMs, output, best));
      if (frontier.length > 0)
        output.print(
          `\n${trialTable(frontier, output, { indistinguishable, ...(best === undefined ? {} : { best }) })}`,
        );
    });
}
