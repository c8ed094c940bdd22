import { Command, Option } from 'commander';
import { LOCK_SECONDS, places, serveWorker } from '../../app/index.js';
import { collect } from '../aims.js';
import { interruption } from '../interrupt.js';
import { dataFolderOption, duration, path, platformName, wholeNumber } from '../options.js';
import type { Output } from '../output.js';
import { endpointOption, queueOption, type QueueOptions } from '../queue-options.js';

type WorkerCommandOptions = QueueOptions & {
  readonly queue: string;
  readonly study?: string;
  readonly workers?: number;
  readonly platform?: readonly string[];
  readonly name?: string;
  readonly lock?: number;
  readonly dataFolder?: string;
};

/** `nas worker`: trains and times for studies that are run elsewhere, until it is stopped. */
export function workerCommand(output: Output): Command {
  return new Command('worker')
    .description('train and time on this machine for studies that run elsewhere (nas search --queue)')
    .addOption(queueOption('where studies put their trials: redis://HOST:PORT').makeOptionMandatory())
    .option(
      '--artifacts <place>',
      'where weights travel, where this machine sees it under another path',
      path,
    )
    .addOption(endpointOption())
    .option('--study <name>', 'work for studies of this name only')
    .option('--workers <n>', "candidates trained concurrently (default: as the study's)", wholeNumber(1, 64))
    .option(
      '--platform <name>',
      'a program or an agent that studies may time on from here; may be repeated',
      collect(platformName),
    )
    .addOption(dataFolderOption())
    .option('--name <name>', 'what it is called in nas workers (default: the name of this machine)')
    .addOption(
      new Option(
        '--lock <time>',
        `how long a worker that does not answer keeps its trial (default: ${LOCK_SECONDS}s)`,
      ).argParser(duration),
    )
    .action(async (options: WorkerCommandOptions) => {
      const { queue: url, artifacts, s3Endpoint: endpoint, study, workers, name, lock } = options;
      await serveWorker({
        ...{ url, artifacts, endpoint, study, workers, name },
        platforms: options.platform,
        lockSeconds: lock,
        places: places({ data: options.dataFolder }),
        signal: interruption((text) => output.note(text)),
        onLine: (line) => output.note(line),
      });
    });
}
