import { unknownName } from '../core/index.js';
import { loadData, parseDataName, type DataSet, type DataSpec } from '../data/index.js';
import { STRATEGY_NAMES } from '../search/index.js';
import { spaceFileText, spaceNames } from '../space/index.js';
import { stepsPerEpoch } from '../train/index.js';
import { keepFacts } from './data-facts.js';
import { DEFAULTS, studySpec, type StudyWishes } from './defaults.js';
import type { Places } from './environment.js';
import { namedPlatform, namedSpace, requireSpaceName } from './named.js';
import { createSession, requireBackend, type Session, type SessionOptions } from './session.js';
import type { StudySpec } from './spec.js';
import { requireNewStudy } from './studies.js';
import { checkTables } from './table-coverage.js';
import { tryPlatforms } from './try-platforms.js';

export type NewStudyWishes = Omit<StudyWishes, 'task' | 'space' | 'data'> & {
  readonly data: Omit<DataSpec, 'seed'>;
  /** Built-in space or YAML file. */
  readonly space: string;
};

/**
 * Checks what can be checked before data is brought or read: names, that the study is new and can be written, that
 * TensorFlow is there, that each platform can be opened.
 * @throws NasError what is unknown, missing, there already or does not answer
 */
export async function checkWishes(
  wishes: NewStudyWishes,
  places: Places,
  signal: AbortSignal,
): Promise<void> {
  const {
    study,
    data,
    space,
    strategy = DEFAULTS.strategy,
    backend = 'tensorflow',
    flavour = 'cpu',
  } = wishes;
  parseDataName(data.name);
  requireSpaceName(space);
  if (!STRATEGY_NAMES.includes(strategy)) {
    throw unknownName('strategy', strategy, STRATEGY_NAMES, 'NAS_UNKNOWN_STRATEGY');
  }
  const platforms = [
    wishes.platform ?? DEFAULTS.platform,
    ...(wishes.also ?? []).map(({ platform }) => platform),
  ];
  const named = platforms.map(namedPlatform);
  requireNewStudy(places, study);
  requireBackend({ backend, flavour }, places);
  await tryPlatforms(named, {
    batch: wishes.latencyBatch ?? DEFAULTS.latencyBatch,
    threads: wishes.threads ?? 1,
    signal,
  });
}

/** What a new study will be, checked against the data and the space; nothing is written yet. */
export interface PreparedStudy {
  readonly spec: StudySpec;
  readonly data: DataSet;
  /** What the user should know of its latency tables. */
  readonly warnings: readonly string[];
}

/**
 * Checks every wish where it can be checked: the data is loaded, the space decoded for it.
 * @throws NasError what data, space and specification find
 */
export async function prepareStudy(wishes: NewStudyWishes): Promise<PreparedStudy> {
  const { space: named, data: dataSpec, ...rest } = wishes;
  const data = await loadData({ ...dataSpec, seed: rest.seed ?? DEFAULTS.seed });
  const task = { input: data.shape, classes: data.classes.length };
  const space = namedSpace(named, task);
  const yaml = spaceNames.includes(named) ? null : spaceFileText(named);
  const { name, folder, heldOut, size, limit } = dataSpec;
  const spec = studySpec({
    ...rest,
    data: { name, folder, heldOut, size, limit },
    task,
    space: { name: yaml === null ? named : space.name, yaml },
  });
  // Found now, not when the study stands and its host runs.
  stepsPerEpoch(data.split.train.length, spec.recipe.batch);
  return { spec, data, warnings: checkTables(spec.latency, space) };
}

/** Makes the study and starts its host. @throws NasError as `createSession` */
export function beginStudy(
  { spec, data, warnings }: PreparedStudy,
  options: SessionOptions,
): Promise<Session> {
  for (const warning of warnings) options.notice?.(`warning: ${warning}`);
  return createSession(spec, options, (store) => {
    keepFacts(store, data);
  });
}
