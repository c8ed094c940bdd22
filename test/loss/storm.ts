import { expect } from 'vitest';
import type { StudyOptions } from '../../src/app/study/defaults.js';
import { createRng, type Rng } from '../../src/core/index.js';
import { emptyFolder } from '../cli/nas.js';
import { attacked } from '../durability.js';
import {
  controllerOf,
  FINISHED,
  finishedIn,
  hostOf,
  killAfter,
  run,
  tableOf,
  untilHost,
  type Victim,
} from './killing.js';
import { begun, finish, RESUME } from './studies.js';

/** How many kills of each sort; a run meets one of the host, then one of the controller or of both. */
export interface Storm {
  host: number;
  controller: number;
  both: number;
}

/** What must hold of a study whenever all its processes are dead, and at its end; both say how many trials they compared. */
export interface Law {
  begin(cwd: string): void;
  killed(cwd: string): number;
  ended(cwd: string): number;
}

/** Kills, resumes, kills again …, over as many studies as it takes; returns what was hit. */
export async function storm(
  seed: string,
  asked: Storm,
  law: Law,
  requested: Partial<StudyOptions> = {},
): Promise<Storm> {
  const rng = createRng('loss').fork(seed);
  const hits: Storm = { host: 0, controller: 0, both: 0 };
  let reported = 0;
  const check = (law: () => number): void => {
    const total = hits.host + hits.controller + hits.both;
    attacked('kills', { times: total - reported, seed: `loss/${seed}` }, law);
    reported = total;
  };
  const left = (sort: keyof Storm): number => asked[sort] - hits[sort];
  while (left('controller') + left('both') > 0) {
    using folder = emptyFolder();
    const cwd = folder.path;
    begun(cwd, requested);
    law.begin(cwd);
    while (left('controller') + left('both') > 0) {
      const victim = run(cwd, RESUME);
      if (left('host') > 0 && (await killHost(victim, rng))) hits.host++;
      const sort = rng.integer(left('controller') + left('both')) < left('both') ? 'both' : 'controller';
      if (await killController(victim, rng, sort === 'both')) hits[sort]++;
      const code = await victim.ended;
      if (code !== null) {
        expect({ code, said: victim.stderr() }).toMatchObject({ code: 0 });
        break;
      }
      check(() => law.killed(cwd));
    }
    await finish(cwd);
    check(() => law.ended(cwd));
  }
  return hits;
}

/** A quarter of the moments lie in its start, the others anywhere in the evaluation of a candidate. */
async function killHost(victim: Victim, rng: Rng): Promise<boolean> {
  const rows = rng.uniform() < 1 / 4 ? 0 : 1 + rng.integer(3);
  const wait = rng.uniform() * (rows === 0 ? 500 : 60);
  if (!(rows === 0 ? await untilHost(victim) : await victim.until(FINISHED, rows))) return false;
  return killAfter(victim, wait, () => hostOf(victim));
}

/** A third of the moments lie in the start, the others anywhere between candidates further on. */
async function killController(victim: Victim, rng: Rng, both: boolean): Promise<boolean> {
  const rows = rng.uniform() < 1 / 3 ? 0 : 1 + rng.integer(3);
  const wait = rng.uniform() * (rows === 0 ? 900 : 60);
  if (rows > 0 && !(await victim.until(FINISHED, victim.count(FINISHED) + rows))) return false;
  if (both && !(await untilHost(victim))) return false;
  return killAfter(victim, wait, () => [...(both ? hostOf(victim) : []), ...controllerOf(victim)]);
}

/** In batch mode: what is finished is the beginning of the table of a run that was not killed, and so is the end. */
export function rowForRow(straight: readonly string[]): Law {
  return {
    begin: () => undefined,
    killed(cwd) {
      const finished = finishedIn(cwd).size;
      // Without the heading: a table that has no row yet has none.
      expect(tableOf(cwd).slice(1, finished + 1)).toEqual(straight.slice(1, finished + 1));
      return finished;
    },
    ended(cwd) {
      expect(tableOf(cwd)).toEqual(straight);
      return straight.length - 1;
    },
  };
}
