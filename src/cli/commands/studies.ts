import { Command } from 'commander';
import { places, specOf, studyFolder, trustLinks, type Places } from '../../app/index.js';
import { formatMs, formatPercent, messageOf } from '../../core/index.js';
import { csv, finalResult, jsonRows, neutral, table } from '../../report/index.js';
import { readRunsFolder, readStudy } from '../../trials/index.js';
import { csvOption, jsonOption, runsOption } from '../options.js';
import type { Output } from '../output.js';

interface StudiesOptions {
  readonly runs?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly trustLinks?: string;
}

/** `accuracy` and `latencyMs` are of the best of the search, as before there were results in this list. */
const NAMES = [
  ...['study', 'data', 'space', 'targetMs', 'trials', 'testAccuracy', 'testLatencyMs', 'meetsTarget'],
  ...['accuracy', 'latencyMs', 'problem'],
];

/**
 * `nas studies`: every study of the runs folder, a line each; one that cannot be read says why. What is no study is
 * skipped with a note.
 */
export function studiesCommand(output: Output): Command {
  return new Command('studies')
    .description('list the studies')
    .addOption(jsonOption())
    .addOption(csvOption())
    .option(
      '--trust-links <study>',
      "follow links that lead out of this study's folder, from now on and on this machine",
    )
    .addOption(runsOption())
    .action((options: StudiesOptions) => {
      const where = places({ runs: options.runs });
      if (options.trustLinks !== undefined) return trust(where, options.trustLinks, output);
      const { studies, skipped } = readRunsFolder(where.runs);
      for (const { name, why, fix } of skipped) output.note(`skipped ${neutral(name)}: ${why} (${fix})`);
      const found = studies.map((name) => {
        try {
          using reader = readStudy(studyFolder(where, name));
          const spec = specOf(reader);
          const { targetMs } = spec.latency;
          const best = reader.best(targetMs);
          const result = finalResult(reader.rows({ kinds: ['retrain'], states: ['done'] }), targetMs);
          return {
            study: name,
            data: spec.data.name,
            space: spec.space.name,
            targetMs,
            trials: reader.count(),
            testAccuracy: result?.row.accuracy ?? null,
            testLatencyMs: result?.row.latencyMs ?? null,
            meetsTarget: result?.meets ?? null,
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
            testAccuracy: null,
            testLatencyMs: null,
            meetsTarget: null,
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
            { title: 'study', value: (row) => row.study, shrinksTo: 24 },
            { title: 'data', value: (row) => row.data, shrinksTo: 13 },
            { title: 'space', value: (row) => row.space, shrinksTo: 11, optional: 4 },
            { title: 'target', value: (row) => time(row.targetMs), align: 'right' },
            { title: 'trials', value: (row) => row.trials },
            { title: 'test set', value: (row) => percent(row.testAccuracy), align: 'right' },
            {
              title: 'at',
              value: ({ testLatencyMs, meetsTarget }) =>
                testLatencyMs === null
                  ? null
                  : `${formatMs(testLatencyMs)}${meetsTarget === false ? ', misses' : ''}`,
              align: 'right',
            },
            { title: 'proxy best', value: (row) => percent(row.accuracy), align: 'right', optional: 2 },
            { title: 'at', value: (row) => time(row.latencyMs), align: 'right', optional: 1 },
            ...(found.every((row) => row.problem === null)
              ? []
              : [{ title: 'problem', value: (row: (typeof found)[number]) => row.problem, shrinksTo: 20 }]),
          ],
          output,
        ),
      );
    });
}

function trust(where: Places, study: string, output: Output): void {
  const links = trustLinks(where, study);
  if (links.length === 0) output.print(`study ${study} has no link out of its folder`);
  for (const { name, target } of links) output.print(`trusted: ${neutral(name)} → ${neutral(target)}`);
}

const percent = (value: number | null): string | null => (value === null ? null : formatPercent(value));
const time = (value: number | null): string | null => (value === null ? null : formatMs(value));
