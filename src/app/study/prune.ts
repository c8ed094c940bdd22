import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NasError, now } from '../../core/index.js';
import { isStalePartial } from '../../pool/index.js';
import { openStudy, readStudy, type TrialReader, type TrialStore } from '../../trials/index.js';
import type { Places } from '../environment.js';
import { keptFiles, type KeptFor } from './kept-files.js';
import { ownPath } from './own-path.js';
import { studyFolder } from './studies.js';
import { notePruned, prunedOf } from './weights.js';

export interface PruneOptions {
  readonly study: string;
  /** Only say what would be dropped: reads the study, also while it is written. */
  readonly dryRun: boolean;
}

export interface Pruned {
  readonly study: string;
  readonly dryRun: boolean;
  readonly dropped: Files;
  readonly kept: Files;
  /** How many files are kept for which reason; one file may have several. */
  readonly reasons: Readonly<Record<KeptFor, number>>;
}

export interface Files {
  readonly files: number;
  readonly bytes: number;
}

/** Weights and states of unfinished trainings. */
const OURS = /^trial-\d+\.(?:weights|training)$/;

/**
 * Drops checkpoints that are, on each device that the study has latencies of, neither of the frontier nor the best within
 * the target, nor of a retrained network, nor needed by NetAdapt to resume or to start; and what killed hosts left half
 * written. Trials stay unchanged. Holds the study's lock, so no process writes meanwhile; files that are not
 * checkpoints of ours are left alone. What is dropped is noted first: a kill midway leaves files, never a riddle.
 * @throws NasError `NAS_STUDY_MISSING`, `NAS_STUDY_LOCKED`, `NAS_NOT_WRITABLE`
 */
export function pruneStudy(places: Places, { study, dryRun }: PruneOptions): Pruned {
  const folder = studyFolder(places, study);
  if (dryRun) {
    using reader = readStudy(folder);
    return { study, dryRun, ...planOf(reader, folder).facts };
  }
  using store = openStudy(folder);
  const { facts, drop } = planOf(store, folder);
  remember(store, drop);
  for (const name of drop) remove(ownPath(folder, 'checkpoints', name));
  return { study, dryRun, ...facts };
}

interface Plan {
  readonly drop: readonly string[];
  readonly facts: Pick<Pruned, 'dropped' | 'kept' | 'reasons'>;
}

function planOf(reader: TrialReader, folder: string): Plan {
  const keep = keptFiles(reader);
  const present = checkpointsIn(ownPath(folder, 'checkpoints'));
  const drop = present.filter(({ name }) => !keep.has(name));
  const stays = present.filter(({ name }) => keep.has(name));
  const reasons: Record<KeptFor, number> = { frontier: 0, best: 0, retrained: 0, 'in use': 0 };
  for (const { name } of stays) for (const reason of keep.get(name) ?? []) reasons[reason]++;
  return {
    drop: drop.map(({ name }) => name),
    facts: { dropped: sizeOf(drop), kept: sizeOf(stays), reasons },
  };
}

interface File {
  readonly name: string;
  readonly bytes: number;
}

function checkpointsIn(folder: string): readonly File[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unwritable(folder, cause);
  }
  return names
    .filter((name) => OURS.test(name) || isStalePartial(name))
    .map((name) => ({ name, found: lstatSync(join(folder, name), { throwIfNoEntry: false }) }))
    .flatMap(({ name, found }) => (found?.isFile() === true ? [{ name, bytes: found.size }] : []));
}

function remember(store: TrialStore, drop: readonly string[]): void {
  if (drop.length === 0) return;
  const files = new Set([
    ...(prunedOf(store)?.files ?? []),
    ...drop.filter((name) => /^trial-\d+\.weights$/.test(name)),
  ]);
  notePruned(store, { at: now(), files: [...files] });
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

function unwritable(path: string, cause: unknown): NasError {
  return new NasError({
    code: 'NAS_NOT_WRITABLE',
    found: `${path} cannot be written`,
    fix: 'give yourself the right to write there, then prune again: it resumes where it stopped',
    cause,
  });
}

function sizeOf(files: readonly File[]): Files {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
