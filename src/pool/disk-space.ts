import { statfsSync } from 'node:fs';
import { slotsOf } from '../backends/index.js';
import { diskError, formatBytes, NasError } from '../core/index.js';
import { buildNetwork, type Network } from '../network/index.js';
import { parseArchitecture } from '../space/index.js';
import type { Recipe } from '../train/index.js';
import type { Job } from '../trials/index.js';

const BYTES_PER_NUMBER = 4;

type StateRecipe = Pick<Recipe, 'optimiser' | 'emaDecay'>;

/**
 * What training a network may have on the disk at the same time: its weights, and its training state twice, for a new one is
 * written whole before it replaces the last one.
 */
export function bytesToTrain(text: string, recipe: StateRecipe): number {
  const { weights, state } = bytesOf(buildNetwork(parseArchitecture(text)), recipe);
  return weights + 2 * state;
}

function bytesOf(
  network: Network,
  recipe: StateRecipe,
): { readonly weights: number; readonly state: number } {
  let state = 0;
  let weights = 0;
  for (const [slot, parameters] of slotsOf(network, recipe)) {
    const numbers = parameters.reduce((sum, { size }) => sum + size, 0);
    state += numbers;
    if (slot === 'weights') weights = numbers;
  }
  return { weights: BYTES_PER_NUMBER * weights, state: BYTES_PER_NUMBER * state };
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
  recipe: StateRecipe,
  slots: number,
  free: (folder: string) => number = freeBytes,
): (job: Pick<Job, 'text' | 'checkpoint'>) => void {
  return ({ text, checkpoint }) => {
    if (checkpoint === null) return;
    requireFree(folder, slots, bytesToTrain(text, recipe), free);
  };
}

/**
 * The same at a moment at which each training has its state on the disk: what is still to be written is the next one, and
 * the weights.
 */
export function diskSpaceWhileTraining(
  folder: string,
  recipe: StateRecipe,
  slots: number,
  free: (folder: string) => number = freeBytes,
): (network: Network) => void {
  return (network) => {
    const { weights, state } = bytesOf(network, recipe);
    requireFree(folder, slots, weights + state, free);
  };
}

/**
 * The same right before a file is written, of its size: the disk may have filled since a training began. A folder that
 * cannot be looked at is left to the write, which reports why.
 * @throws NasError `NAS_DISK_FULL`
 */
export function requireRoomFor(
  folder: string,
  name: string,
  bytes: number,
  free: (folder: string) => number = freeBytes,
): void {
  let found: number;
  try {
    found = free(folder);
  } catch {
    return;
  }
  if (found >= bytes) return;
  const short = `no space left to write ${name}: ${formatBytes(found)} are free for ${folder}`;
  throw diskFull(short, formatBytes(bytes));
}

function requireFree(folder: string, slots: number, bytes: number, free: (folder: string) => number): void {
  const needed = slots * bytes;
  const found = free(folder);
  if (found >= needed) return;
  const networks = `${slots} ${slots === 1 ? 'network' : 'networks'}`;
  throw diskFull(
    `${formatBytes(found)} are free for ${folder}`,
    `${formatBytes(needed)} for the weights and training states of ${networks}`,
  );
}

function diskFull(found: string, expected: string): NasError {
  return new NasError({
    code: 'NAS_DISK_FULL',
    found,
    expected,
    fix: 'free some space (nas prune drops weights that are not needed), then resume with --resume',
    fault: 'transient',
  });
}
