import { statfsSync } from 'node:fs';
import { slotsOf } from '../../backends/index.js';
import { diskError, formatBytes, NasError } from '../../core/index.js';
import { buildNetwork } from '../../network/index.js';
import { parseArchitecture } from '../../space/index.js';
import type { Job } from '../../trials/index.js';
import type { StudySpec } from './spec.js';

const BYTES_PER_NUMBER = 4;

/**
 * What training a network may have on the disk at the same time: its weights, and its training state twice, for a new one is
 * written whole before it replaces the last one.
 */
export function bytesToTrain(
  text: string,
  recipe: Pick<StudySpec['recipe'], 'optimiser' | 'emaDecay'>,
): number {
  const network = buildNetwork(parseArchitecture(text));
  let state = 0;
  let weights = 0;
  for (const [slot, parameters] of slotsOf(network, recipe)) {
    const numbers = parameters.reduce((sum, { size }) => sum + size, 0);
    state += numbers;
    if (slot === 'weights') weights = numbers;
  }
  return BYTES_PER_NUMBER * (weights + 2 * state);
}

/** @throws NasError `NAS_DISK_ERROR` when the folder cannot be reached, which is no candidate's fault and is waited out */
export function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw diskError(`${folder} cannot be reached`, code, error);
  }
}

/**
 * Looks before a training begins whether the disk holds what it may write, and as much for each of the others that run
 * at the same time, so that a disk is reported before it is full and no file is cut short.
 * @param slots trainings at the same time
 * @returns a check that throws NasError `NAS_DISK_FULL`, which is waited out like a full disk
 */
export function diskSpaceCheck(
  folder: string,
  recipe: Pick<StudySpec['recipe'], 'optimiser' | 'emaDecay'>,
  slots: number,
  free: (folder: string) => number = freeBytes,
): (job: Pick<Job, 'text' | 'checkpoint'>) => void {
  return ({ text, checkpoint }) => {
    if (checkpoint === null) return;
    const needed = slots * bytesToTrain(text, recipe);
    const found = free(folder);
    if (found >= needed) return;
    throw new NasError({
      code: 'NAS_DISK_FULL',
      found: `${formatBytes(found)} are free for ${folder}`,
      expected: `${formatBytes(needed)} for the weights and training states of ${slots} ${slots === 1 ? 'network' : 'networks'}`,
      fix: 'free some space (nas prune drops weights that are not needed), then resume with --resume',
      fault: 'transient',
    });
  };
}
