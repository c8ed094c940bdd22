import { isNasError } from '../../core/index.js';
import { readRunsFolder, readStudy } from '../../trials/index.js';
import type { Places } from '../environment.js';
import { specOf, studyFolder } from '../study/studies.js';
import type { PreparedStudy } from '../study/prepare.js';
import { spaceOf } from '../study/session.js';
import { proxyDigest, settingsOf } from './settings.js';

/** Studies of proxy checks begin with this, by which they are found. */
export const PROXY_CHECK = 'proxy-check';

/**
 * What a search should say of its short training: nothing where a proxy check of the same data, space, recipe and schedule lies
 * among the studies.
 */
export function uncheckedProxy(places: Places, { spec }: PreparedStudy): string | undefined {
  const wanted = proxyDigest(spec, spaceOf(spec).digest);
  const names = readRunsFolder(places.runs).studies.filter((name) => name.startsWith(PROXY_CHECK));
  if (names.some((name) => digestOf(places, name) === wanted)) return undefined;
  const { maxSteps, epochs } = spec.proxy;
  const length = maxSteps === null ? `${epochs} epoch${epochs === 1 ? '' : 's'}` : `${maxSteps} steps`;
  const option = maxSteps === null ? `--epochs ${epochs}` : `--steps ${maxSteps}`;
  return (
    `whether ${length} rank the networks of space ${spec.space.name} as long trainings do was never checked here; ` +
    `to check it: nas proxy-check ${option}`
  );
}

/** Undefined for a study that is no check, that is not finished or that cannot be read. */
function digestOf(places: Places, name: string): string | undefined {
  try {
    using reader = readStudy(studyFolder(places, name));
    if (settingsOf(reader) === undefined || reader.count({ states: ['running'] }) > 0) return undefined;
    return proxyDigest(specOf(reader), reader.study.spaceDigest);
  } catch (error) {
    if (isNasError(error)) return undefined;
    throw error;
  }
}
