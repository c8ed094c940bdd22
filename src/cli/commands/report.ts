import { Command } from 'commander';
import { places, readMeantStudy, reportData, writeReport } from '../../app/index.js';
import { formatBytes } from '../../core/index.js';
import { jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';

interface ReportOptions {
  readonly out?: string;
  readonly runs?: string;
  readonly json?: boolean;
}

/** `nas report [STUDY]`: everything of a study in one HTML file that needs nothing else. */
export function reportCommand(output: Output): Command {
  return new Command('report')
    .description('write one HTML file with all of a study: frontier, choices that matter, lineages, settings')
    .argument('[study]')
    .option('--out <file>', "file to write (default: exports/report.html in the study's folder)")
    .addOption(jsonOption())
    .addOption(runsOption())
    .action((study: string | undefined, options: ReportOptions) => {
      const where = places({ runs: options.runs });
      using reader = readMeantStudy(where, study);
      if (options.json === true) return output.json(reportData(reader));
      const { file, bytes } = writeReport(where, reader, options.out ?? null);
      output.print(`report: ${file} (${formatBytes(bytes)})`);
    });
}
