import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createPause, messageOf, type Pause } from '../../core/index.js';
import { collectRows, type TrialReader, type TrialRow } from '../../trials/index.js';
import { bestRows, type Targets } from './best-rows.js';
import { checkpointName } from './checkpoint-name.js';
import { keptFiles } from './kept-files.js';
import { ownPath } from './own-path.js';

/** The files in a study's checkpoints folder. */
export interface Checkpoints {
  /** Names of all weights. */
  names(): readonly string[];
  remove(name: string): void;
}

/** Drops the weights of dominated trials while a search runs. */
export interface DominatedWeights {
  /** How many files an earlier session had left. */
  readonly dropped: number;
  /** To be called for each trial after it was committed, so that a kill in between leaves a file and loses none. */
  committed(row: TrialRow): void;
}

/**
 * Leaves of the weights what `nas prune` keeps ({@link keptFiles}), those of unfinished trials and those of every step of
 * NetAdapt, each of which is to be exported or shrunk further. First drops what a
 * killed session, or one that kept all, has left; then, with each trial, what that one dominates, or itself. All
 * rows are read once, at the start: a trial more is compared with the best ones only. Nothing else may work on the
 * study's trials meanwhile.
 */
export async function dropDominatedWeights(
  reader: TrialReader,
  latency: Targets,
  files: Checkpoints,
  pause: Pause = createPause(),
): Promise<DominatedWeights> {
  const rows = await collectRows(reader, {}, pause);
  const keep = keptFiles(reader, rows, latency);
  const running = new Set(rows.filter(isRunning).map(({ trial }) => checkpointName(trial)));
  const ended = new Set(
    rows.filter((row) => !isRunning(row)).map((row) => row.checkpoint ?? checkpointName(row.trial)),
  );
  const family = new Set(
    rows.flatMap(({ kind, checkpoint }) => (kind === 'netadapt' ? (checkpoint ?? []) : [])),
  );
  let dropped = 0;
  for (const name of files.names()) {
    if (!ended.has(name) || keep.has(name) || running.has(name) || family.has(name)) continue;
    files.remove(name);
    dropped++;
    await pause();
  }
  const needed = new Set([
    ...[...keep].filter(([, why]) => why.has('retrained') || why.has('in use')).map(([name]) => name),
    ...family,
  ]);
  let best: readonly TrialRow[] = [...bestRows(rows, latency).keys()];
  return {
    dropped,
    committed(row) {
      if (row.state !== 'done' || row.kind === 'retrain') return;
      const known = [...best, row];
      best = [...bestRows(known, latency).keys()];
      const stay = new Set(best.map(({ checkpoint }) => checkpoint));
      for (const { checkpoint, kind } of known)
        if (checkpoint !== null && kind !== 'retrain' && !stay.has(checkpoint) && !needed.has(checkpoint))
          files.remove(checkpoint);
    },
  };
}

const isRunning = ({ state }: TrialRow): boolean => state === 'running';

/** Rows of a foreign study may name anything. */
const WEIGHTS = /^trial-\d+\.weights$/;

/** @param log gets why a file cannot be removed, which ends no search: the next one tries again */
export function checkpointsIn(folder: string, log: (line: string) => void): Checkpoints {
  const place = ownPath(folder, 'checkpoints');
  const attempt = <T>(run: () => T): T | undefined => {
    try {
      return run();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        log(`weights of dominated trials stay: ${messageOf(error)}`);
      return undefined;
    }
  };
  return {
    names: () => (attempt(() => readdirSync(place)) ?? []).filter((name) => WEIGHTS.test(name)),
    remove(name) {
      if (WEIGHTS.test(name)) attempt(() => unlinkSync(join(place, name)));
    },
  };
}
