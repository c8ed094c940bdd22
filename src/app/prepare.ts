import { readFileSync } from 'node:fs';
import { loadData, type DataSet, type DataSpec } from '../data/index.js';
import { spaceNames } from '../space/index.js';
import { keepFacts } from './data-facts.js';
import { studySpec, type StudyWishes } from './defaults.js';
import { namedSpace } from './named.js';
import { createSession, type Session, type SessionOptions } from './session.js';
import type { StudySpec } from './spec.js';

export type NewStudyWishes = Omit<StudyWishes, 'task' | 'space' | 'data'> & {
  readonly data: Omit<DataSpec, 'seed'>;
  /** Built-in space or YAML file. */
  readonly space: string;
};

/** What a new study will be, checked against the data and the space; nothing is written yet. */
export interface PreparedStudy {
  readonly spec: StudySpec;
  readonly data: DataSet;
}

/**
 * Checks every wish where it can be checked: the data is loaded, the space decoded for it.
 * @throws NasError what data, space and specification find
 */
export async function prepareStudy(wishes: NewStudyWishes): Promise<PreparedStudy> {
  const { space: named, data: dataSpec, ...rest } = wishes;
  const data = await loadData({ ...dataSpec, seed: rest.seed ?? '1' });
  const task = { input: data.shape, classes: data.classes.length };
  const space = namedSpace(named, task);
  const yaml = spaceNames.includes(named) ? null : readFileSync(named, 'utf8');
  const { name, folder, heldOut, size, limit } = dataSpec;
  const spec = studySpec({
    ...rest,
    data: { name, folder, heldOut, size, limit },
    task,
    space: { name: yaml === null ? named : space.name, yaml },
  });
  return { spec, data };
}

/** Makes the study and starts its host. @throws NasError as `createSession` */
export async function beginStudy(prepared: PreparedStudy, options: SessionOptions): Promise<Session> {
  const session = await createSession(prepared.spec, options);
  keepFacts(session.store, prepared.data);
  return session;
}
