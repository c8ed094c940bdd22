import { Command } from 'commander';
import { followUp, places, repairMeantStudy, type Places, type RepairEnd } from '../../app/index.js';
import { neutral } from '../../report/index.js';
import { jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';

interface RepairOptions {
  readonly to?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `nas repair STUDY`: what can be read of a damaged study, as a new one next to it. */
export function repairCommand(output: Output): Command {
  return new Command('repair')
    .description('save what can be read of a damaged study as a new one; the damaged one stays unchanged')
    .argument('<study>')
    .option('--to <name>', 'name of the new study (default: STUDY-repaired)')
    .addOption(jsonOption())
    .addOption(runsOption())
    .action((study: string, options: RepairOptions) => {
      const where = places({ runs: options.runs });
      const end = repairMeantStudy(where, study, options.to);
      if (options.json === true) return output.json(end);
      output.print(linesOf(end, where).join('\n'));
    });
}

function linesOf(end: RepairEnd, where: Places): readonly string[] {
  if (end.fault === null) return [`study ${end.study} is whole; nothing was written`];
  const { saved, again, lost, orphans, settings, strategy, checkpoints, weights } = end;
  const some = (count: number, text: string): string[] => (count === 0 ? [] : [`${count} ${text}`]);
  return [
    neutral(`study ${end.study}: ${end.fault}`),
    `${saved} of at least ${saved + lost} trials saved as study ${end.into}, ${lost} lost`,
    ...some(again, 'of the saved lost their outcome and are unfinished again'),
    ...some(orphans, 'of the saved lost the trial that they were made from'),
    settings ? 'settings: saved' : 'settings: lost; the trials can be listed, not resumed',
    ...(strategy === 'none'
      ? []
      : [`strategy: ${strategy === 'saved' ? 'saved' : 'lost; it learns from scratch'}`]),
    ...(checkpoints.length === 0
      ? []
      : [
          `weights: ${weights} of the ${new Set(checkpoints).size} files that saved trials name are there; copied`,
        ]),
    ...(settings ? [`resume with: ${followUp(where, `nas search --study ${end.into} --resume`)}`] : []),
  ];
}
