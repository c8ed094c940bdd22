import { Command } from 'commander';
import { meantStudy, places, pruneStudy, type Pruned, type PrunedFiles } from '../../app/index.js';
import { formatBytes } from '../../core/index.js';
import { jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';

interface PruneOptions {
  readonly dryRun?: boolean;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `nas prune STUDY`: drops the weights that nothing needs. */
export function pruneCommand(output: Output): Command {
  return new Command('prune')
    .description('drop checkpoints outside the frontier; trials and their results stay')
    .argument('<study>')
    .option('--dry-run', 'only say what would be dropped')
    .addOption(runsOption())
    .addOption(jsonOption())
    .action((study: string, options: PruneOptions) => {
      const where = places({ runs: options.runs });
      const pruned = pruneStudy(where, {
        study: meantStudy(where, study),
        dryRun: options.dryRun === true,
      });
      if (options.json === true) output.json(pruned);
      else output.print(summary(pruned));
    });
}

function summary({ study, dryRun, dropped, kept, reasons }: Pruned): string {
  const why = Object.entries(reasons)
    .filter(([, count]) => count > 0)
    .map(([reason, count]) => `${reason} ${count}`)
    .join(', ');
  const verb = dryRun ? 'would drop' : 'dropped';
  return [
    dropped.files === 0 ? `${study}: nothing to drop` : `${study}: ${verb} ${sizeText(dropped)}`,
    `kept ${sizeText(kept)}${why === '' ? '' : ` (${why})`}`,
  ].join('\n');
}

function sizeText({ files, bytes }: PrunedFiles): string {
  return `${files} ${files === 1 ? 'checkpoint' : 'checkpoints'}, ${formatBytes(bytes)}`;
}
