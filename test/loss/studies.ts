import { join } from 'node:path';
import { expect } from 'vitest';
import type { StudyOptions } from '../../src/app/study/defaults.js';
import { fakeStudy, smallSpace } from '../app/samples.js';
import { emptyFolder } from '../cli/nas.js';
import { writeStudy } from '../cli/studies.js';
import { run, tableOf } from './killing.js';

export const TRIALS = 24;
export const RESUME: readonly string[] = ['search', '--resume', '--study', 'demo'];

/** A begun study on the test double without a trial; networks take some tens of milliseconds each, none is over the gate. */
export function begun(cwd: string, requested: Partial<StudyOptions> = {}): void {
  const spec = fakeStudy({
    space: smallSpace,
    targetMs: 0.6,
    gate: 100,
    epochs: 4,
    trials: TRIALS,
    mode: 'batch',
    // Files of finished trials are compared.
    keep: 'all',
    ...requested,
  });
  writeStudy(join(cwd, 'runs'), spec, 0);
}

/** Runs a command to its end, undisturbed. */
export async function finish(cwd: string, args: readonly string[] = RESUME): Promise<void> {
  const last = run(cwd, args);
  expect(await last.ended, last.stderr()).toBe(0);
}

/** The table of a study that was never disturbed. */
export async function undisturbed(requested: Partial<StudyOptions> = {}): Promise<readonly string[]> {
  using folder = emptyFolder();
  begun(folder.path, requested);
  await finish(folder.path);
  return tableOf(folder.path);
}
