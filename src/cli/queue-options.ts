import { Option, type Command } from 'commander';
import { NasError } from '../core/index.js';
import type { QueueChoice } from '../app/index.js';
import { path } from './options.js';

/** Options of a command whose trials may be worked on elsewhere, as parsed. */
export interface QueueOptions {
  readonly queue?: string;
  readonly artifacts?: string;
  readonly s3Endpoint?: string;
}

export const queueOption = (meaning: string): Option =>
  new Option('--queue <url>', `${meaning}; NAS_QUEUE_PASSWORD may hold its password`);

export const endpointOption = (): Option =>
  new Option('--s3-endpoint <url>', "URL of an S3 server that is not Amazon's");

/** Adds what makes workers of a queue train and time in place of this machine. */
export function addQueueOptions(command: Command): Command {
  return command
    .addOption(queueOption('train and time on workers (nas worker) of this queue: redis://HOST:PORT'))
    .option(
      '--artifacts <place>',
      'where weights travel: a folder that all machines see, or s3://BUCKET/PREFIX',
      path,
    )
    .addOption(endpointOption());
}

/** @throws NasError `NAS_NO_ARTIFACTS` for a queue without a store */
export function queueChoice({ queue, artifacts, s3Endpoint }: QueueOptions): QueueChoice | undefined {
  if (queue === undefined) return undefined;
  if (artifacts === undefined) {
    throw new NasError({
      code: 'NAS_NO_ARTIFACTS',
      found: '--queue without --artifacts',
      expected: 'a place where workers put trained weights',
      fix: 'add --artifacts with a folder that all machines see, or s3://BUCKET/PREFIX',
    });
  }
  return { url: queue, artifacts, endpoint: s3Endpoint };
}
