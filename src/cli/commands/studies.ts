import { Command } from 'commander';
import { places, specOf, studyFolder } from '../../app/index.js';
import { formatMs, formatPercent, messageOf } from '../../core/index.js';
import { csv, jsonRows, neutral, table } from '../../report/index.js';
import { readRunsFolder, readStudy } from '../../trials/index.js';
import { csvOption, jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';

interface StudiesOptions {
  readonly runs?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const NAMES = ['study', 'data', 'space', 'targetMs', 'trials', 'accuracy', 'latencyMs', 'problem'];

/**
 * `nas studies`: every study of the runs folder, a line each; one that cannot be read says why. What is no study is
 * skipped with a note.
 */
export function studiesCommand(output: Output): Command {
  return new Command('studies')
    .description('list the studies')
    .addOption(jsonOption())
    .addOption(csvOption())
    .addOption(runsOption())
    .action((options: StudiesOptions) => {
      const where = places({ runs: options.runs });
      const { studies, skipped } = readRunsFolder(where.runs);
      for (const { name, why, fix } of skipped) output.note(`skipped ${neutral(name)}: ${why} (${fix})`);
      const found = studies.map((name) => {
        try {
          using reader = readStudy(studyFolder(where, name));
          const spec = specOf(reader);
          const best = reader.best(spec.latency.targetMs);
          return {
            study: name,
            data: spec.data.name,
            space: spec.space.name,
            targetMs: spec.latency.targetMs,
            trials: reader.count(),
            accuracy: best?.accuracy ?? null,
            latencyMs: best?.latencyMs ?? null,
            problem: null,
          };
        } catch (error) {
          const nothing = {
            data: null,
            space: null,
            targetMs: null,
            trials: null,
            accuracy: null,
            latencyMs: null,
          };
          return { study: name, ...nothing, problem: messageOf(error) };
        }
      });
      if (options.json === true) return output.print(jsonRows(found));
      if (options.csv === true) return output.print(csv(found, NAMES));
      if (found.length === 0) return output.print(`no study in ${where.runs}`);
      output.print(
        table(
          found,
          [
            { title: 'study', value: (row) => row.study },
            { title: 'data', value: (row) => row.data },
            { title: 'space', value: (row) => row.space },
            {
              title: 'target',
              value: (row) => (row.targetMs === null ? null : formatMs(row.targetMs)),
              align: 'right',
            },
            { title: 'trials', value: (row) => row.trials },
            {
              title: 'best',
              value: (row) => (row.accuracy === null ? null : formatPercent(row.accuracy)),
              align: 'right',
            },
            {
              title: 'at',
              value: (row) => (row.latencyMs === null ? null : formatMs(row.latencyMs)),
              align: 'right',
            },
            { title: '', value: (row) => row.problem, shrinksTo: 20 },
          ],
          output,
        ),
      );
    });
}
