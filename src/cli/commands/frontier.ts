import { Command } from 'commander';
import { places, readMeantStudy, specOf } from '../../app/index.js';
import { csv, flatTrial, jsonRows, trialTable } from '../../report/index.js';
import { bestUnder, frontier } from '../../trials/index.js';
import { csvOption, jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';
import { studyPicture } from '../study-picture.js';

interface FrontierOptions {
  readonly runs?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** `nas frontier [STUDY]`: the trials that no other beats in accuracy and latency, as a table and a picture. */
export function frontierCommand(output: Output): Command {
  return new Command('frontier')
    .description('the trials that no other beats in both accuracy and latency')
    .argument('[study]')
    .addOption(jsonOption())
    .addOption(csvOption())
    .addOption(runsOption())
    .action((study: string | undefined, options: FrontierOptions) => {
      using reader = readMeantStudy(places({ runs: options.runs }), study);
      const rows = reader.rows({ states: ['done'] });
      const front = frontier(rows);
      if (options.json === true) return output.print(jsonRows(front.map((row) => ({ ...flatTrial(row) }))));
      if (options.csv === true) return output.print(csv(front.map(flatTrial)));
      const { targetMs } = specOf(reader).latency;
      const best = bestUnder(rows, targetMs)?.trial;
      output.print(studyPicture(reader, targetMs, output, best));
      output.print(trialTable(front, output, best === undefined ? {} : { best }));
    });
}
