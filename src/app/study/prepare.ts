import { unknownName } from '../../core/index.js';
import {
  brokenWarning,
  dataFiles,
  parseDataName,
  prepareData,
  type DataSpec,
  type PreparedData,
} from '../../data/index.js';
import { STRATEGY_NAMES } from '../../search/index.js';
import { spaceFileText, spaceNames } from '../../space/index.js';
import { stepsPerEpoch } from '../../train/index.js';
import { chancesOf } from '../search/chance.js';
import { keepFacts } from './data-facts.js';
import { DEFAULTS, studySpec, type StudyOptions } from './defaults.js';
import type { Places } from '../environment.js';
import { resolvePlatform, resolveSpace, requireSpaceName } from '../resolve.js';
import { createSession, requireBackend, type Session, type SessionOptions } from './session.js';
import { keepFiles } from './same-data.js';
import { checkSpec, type StudySpec } from './spec.js';
import { requireNewStudy } from './studies.js';
import { checkTables } from '../search/table-coverage.js';
import { tryPlatforms } from '../latency/try-platforms.js';

export type NewStudyOptions = Omit<StudyOptions, 'task' | 'space' | 'data'> & {
  readonly data: Omit<DataSpec, 'seed' | 'skip' | 'whites'>;
  /** Built-in space or YAML file. */
  readonly space: string;
  /** Continue without pictures that cannot be decoded. */
  readonly skipBroken?: boolean | undefined;
};

/**
 * Checks what can be checked before data is brought or read: names, that the study is new and can be written, that
 * TensorFlow is there, that each platform can be opened.
 * @param elsewhere other machines train and time: what they need is not looked for here
 * @throws NasError what is unknown, missing, there already or does not answer
 */
export async function checkOptions(
  requested: NewStudyOptions,
  places: Places,
  signal: AbortSignal,
  elsewhere = false,
): Promise<void> {
  const {
    study,
    data,
    space,
    strategy = DEFAULTS.strategy,
    backend = 'tensorflow',
    flavour = 'cpu',
  } = requested;
  parseDataName(data.name);
  requireSpaceName(space);
  const strategies = [DEFAULTS.strategy, ...STRATEGY_NAMES];
  if (!strategies.includes(strategy)) {
    throw unknownName('strategy', strategy, strategies, 'NAS_UNKNOWN_STRATEGY');
  }
  const platforms = [
    requested.platform ?? DEFAULTS.platform,
    ...(requested.also ?? []).map(({ platform }) => platform),
  ];
  const named = platforms.map(resolvePlatform);
  requireNewStudy(places, study);
  if (elsewhere) return;
  requireBackend({ backend, flavour }, places);
  await tryPlatforms(named, {
    batch: requested.latencyBatch ?? DEFAULTS.latencyBatch,
    threads: requested.threads ?? 1,
    signal,
  });
}

/** What a new study will be, checked against the data and the space; nothing is written yet. */
export interface PreparedStudy {
  readonly spec: StudySpec;
  readonly data: PreparedData;
  /** What the user should know of its latency tables. */
  readonly warnings: readonly string[];
}

/**
 * Checks every option as far as possible: the data is read from end to end, the space decoded for it.
 * @param notice gets what the user should know of the data
 * @throws NasError what data, space and specification find
 */
export async function prepareStudy(
  requested: NewStudyOptions,
  notice: (text: string) => void = () => undefined,
): Promise<PreparedStudy> {
  const { space: named, data: dataSpec, skipBroken = false, ...rest } = requested;
  const prepared = await prepareData({ ...dataSpec, seed: rest.seed ?? DEFAULTS.seed }, { skipBroken });
  for (const warning of [brokenWarning(prepared.broken) ?? [], prepared.warnings].flat())
    notice(`data: ${warning}`);
  const { data } = prepared;
  const task = { input: data.shape, classes: data.classes.length };
  const space = resolveSpace(named, task);
  const yaml = spaceNames.includes(named) ? null : spaceFileText(named);
  const { name, folder, heldOut, size, limit, skip, whites } = prepared.spec;
  const spec = studySpec({
    ...rest,
    data: {
      ...{ name, folder, heldOut, size, limit },
      ...(skip === undefined ? {} : { skip: [...skip] }),
      ...(whites === undefined ? {} : { whites: { ...whites } }),
    },
    task,
    space: { name: yaml === null ? named : space.name, yaml },
  });
  // Found now, not when the study stands and its host runs.
  stepsPerEpoch(data.split.train.length, spec.recipe.batch);
  return { spec, data: prepared, warnings: checkTables(spec.latency, space) };
}

/** The same study with another target latency, its data not read again. */
export function withTarget(prepared: PreparedStudy, targetMs: number): PreparedStudy {
  const { spec } = prepared;
  return { ...prepared, spec: checkSpec({ ...spec, latency: { ...spec.latency, targetMs } }) };
}

/** Makes the study and starts its host. @throws NasError as `createSession` */
export async function beginStudy(
  { spec, data, warnings }: PreparedStudy,
  options: SessionOptions,
): Promise<Session> {
  for (const warning of warnings) options.notice?.(`warning: ${warning}`);
  const files = await dataFiles(data.spec);
  return createSession(spec, options, (store) => {
    keepFacts(store, data.data, chancesOf(data.counts));
    keepFiles(store, files);
  });
}
