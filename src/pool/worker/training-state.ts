import { rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { faultOf, messageOf, readPlainFile, type Json } from '../../core/index.js';
import type { DataSet } from '../../data/index.js';
import type { Network } from '../../network/index.js';
import type { Recipe, SavedTraining } from '../../train/index.js';
import type { Job } from '../../trials/index.js';
import { writeCheckpoint } from './checkpoint.js';
import { decodeTrainingState, encodeTrainingState, type StateOwner } from './state-file.js';

/** File name of the state of an unfinished training, next to the checkpoint that it will end with. */
export function trainingStateName(checkpoint: string): string {
  return `${checkpoint.replace(/\.weights$/, '')}.training`;
}

/** Removes the state of a trial's training, where there is one. */
export function removeTrainingState(folder: string, checkpoint: string): void {
  rmSync(join(folder, trainingStateName(checkpoint)), { force: true });
}

/**
 * The state of one job's training in the study's checkpoints folder. No failure of it is an error of the job: it is noted, and
 * the training continues without.
 */
export interface KeptTraining {
  /** Null where there is none that belongs to the job; `note` says why one that lies there is not resumed. */
  read(): Promise<SavedTraining | null>;
  /**
   * @throws NasError a fault of the surroundings that is waited out, such as a disk that has no room for it or for what will
   *   be written next: the training then resumes from the last state that was written
   */
  write(saved: SavedTraining): Promise<void>;
  remove(): Promise<void>;
}

export interface KeptTrainingOptions {
  readonly folder: string;
  readonly job: Job;
  readonly network: Network;
  readonly recipe: Recipe;
  readonly data: DataSet;
  /** Throws `NAS_DISK_FULL` where the disk lacks room for what is still to be written. */
  readonly requireSpace: (network: Network) => void;
  /** Gets lines for the log. */
  readonly note: (line: string) => void;
}

/** Of a job that keeps no checkpoint nothing is kept. */
export function keptTraining(options: KeptTrainingOptions): KeptTraining {
  const { folder, job, network, recipe, requireSpace, note } = options;
  if (job.checkpoint === null)
    return {
      read: () => Promise.resolve(null),
      write: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    };
  const name = trainingStateName(job.checkpoint);
  const of = ownerOf(options);
  let failed = false;
  return {
    async read() {
      let bytes: Uint8Array;
      try {
        bytes = await readPlainFile(join(folder, name));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          note(`${name} is ignored, training begins again: ${messageOf(error)}`);
        return null;
      }
      const read = decodeTrainingState(bytes, network, recipe, of);
      if (!('problem' in read)) return read;
      note(`${name} is ignored, training begins again: ${read.problem}`);
      return null;
    },
    async write(saved) {
      try {
        await writeCheckpoint(folder, name, encodeTrainingState(network, saved, of));
        failed = false;
      } catch (error) {
        const fault = faultOf(error);
        if (fault?.fault === 'transient') throw fault;
        if (!failed) note(`${name} cannot be written, the training continues without: ${messageOf(error)}`);
        failed = true;
      }
      requireSpace(network);
    },
    remove: () => rm(join(folder, name), { force: true }).catch(() => undefined),
  };
}

/** All that the numbers of a training depend on, but the time it may take. */
function ownerOf({ job, recipe, data }: KeptTrainingOptions): StateOwner {
  const { maxSeconds: _, ...plan } = job.plan;
  const { shape, classes, training, split, mean, deviation } = data;
  const plain = (value: object): Json => JSON.parse(JSON.stringify(value)) as Json;
  return {
    architecture: job.text,
    seed: job.seed,
    start: plain(job.start),
    plan: plain(plan),
    evaluationSplit: job.evaluationSplit,
    recipe: plain(recipe),
    data: plain({
      ...{ shape, classes, mean, deviation },
      ...{ pictures: training.count, heldOut: split.validation.length },
    }),
  };
}
