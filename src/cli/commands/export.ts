import { Command } from 'commander';
import { bestTrial, exportTrial, places, readMeantStudy, requireTrial, specOf } from '../../app/index.js';
import { NasError, formatMs, formatPercent } from '../../core/index.js';
import type { TrialReader } from '../../trials/index.js';
import { dataFolderOption, latency, runsOption, studyOption, wholeNumber } from '../options.js';
import type { Output } from '../output.js';

interface ExportOptions {
  readonly best?: boolean;
  readonly under?: number;
  readonly format: string;
  readonly out?: string;
  readonly verify: boolean;
  readonly study?: string;
  readonly runs?: string;
  readonly dataFolder?: string;
}

/** `nas export TRIAL|--best`: writes a trained network; reads the store only, so it works at any time. */
export function exportCommand(output: Output): Command {
  return new Command('export')
    .description('write a trained network, also while a search runs')
    .argument('[trial]', 'its number', wholeNumber(1))
    .option('--best', "the retrained network, else the most accurate within the study's target")
    .option('--under <time>', 'with --best: within this latency', latency)
    .option('--format <name>', 'json (the architecture) or tfjs (TensorFlow.js graph model)', 'tfjs')
    .option('--out <dir>', "folder to write to (default: in the study's exports/)")
    .option('--no-verify', 'do not run the exported network again')
    .addOption(studyOption())
    .addOption(runsOption())
    .addOption(dataFolderOption())
    .action(async (id: number | undefined, options: ExportOptions) => {
      const where = places({ runs: options.runs, data: options.dataFolder });
      using reader = readMeantStudy(where, options.study);
      const trial = requireTrial(reader, id ?? meantTrial(reader, options));
      const done = await exportTrial(where, reader, trial, {
        trial: trial.id,
        format: options.format,
        out: options.out ?? null,
        verify: options.verify,
        dataFolder: options.dataFolder === undefined ? null : where.data,
      });
      if (done.verified !== null) {
        const { correct, count, accuracy } = done.verified;
        output.note(
          `run again: ${correct} of ${count} right (${formatPercent(accuracy)}), as trial ${trial.id} had`,
        );
      }
      for (const file of done.files) output.print(file);
    });
}

/** The retrained network of the best trial where there is one, else the best trial itself. */
function meantTrial(reader: TrialReader, options: ExportOptions): number {
  if (options.best !== true && options.under === undefined) {
    throw new NasError({ code: 'NAS_NO_TRIAL', found: 'no trial named', fix: 'name a trial, or say --best' });
  }
  const limit = options.under ?? specOf(reader).latency.targetMs;
  const retrained = reader
    .rows({ kinds: ['retrain'], states: ['done'], maxLatencyMs: limit })
    .toSorted((a, b) => (b.accuracy ?? 0) - (a.accuracy ?? 0))[0];
  const best = retrained?.trial ?? bestTrial(reader, limit);
  if (best !== undefined) return best;
  throw new NasError({
    code: 'NAS_NO_BEST',
    found: `no trained trial of study ${reader.study.name} takes at most ${formatMs(limit)}`,
    fix: 'nas frontier shows what there is; --under takes another latency',
  });
}
