import { Option, type Command } from 'commander';
import { NasError } from '../core/index.js';
import type { QueueChoice } from '../app/index.js';
import { path } from './options.js';

/** Options of a command whose trials may be worked on elsewhere, as parsed. */
export interface QueueOptions {
  readonly queue?: string;
  readonly artifacts?: string;
}

export const queueOption = (meaning: string): Option =>
  new Option('--queue <url>', `${meaning}; NAS_QUEUE_PASSWORD may hold its password`);

/** Adds what makes workers of a queue train and time in place of this machine. */
export function addQueueOptions(command: Command): Command {
  return command
    .addOption(queueOption('train and time on workers (nas worker) of this queue: redis://HOST:PORT'))
    .option('--artifacts <place>', 'where weights travel: a folder that all machines see', path);
}

/** @throws NasError `NAS_NO_ARTIFACTS` for a queue without a store */
export function queueChoice({ queue, artifacts }: QueueOptions): QueueChoice | undefined {
  if (queue === undefined) return undefined;
  if (artifacts === undefined) {
    throw new NasError({
      code: 'NAS_NO_ARTIFACTS',
      found: '--queue without --artifacts',
      expected: 'a place where workers put trained weights',
      fix: 'add --artifacts with a folder that all machines see',
    });
  }
  return { url: queue, artifacts };
}
