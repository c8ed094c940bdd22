import { isNasError, NasError } from '../../core/index.js';
import { dataFiles, getData, parseDataName, type DataSpec } from '../../data/index.js';
import type { StudyRecord } from '../../queue/index.js';
import type { Places } from '../environment.js';

/**
 * Sees to it that this machine has the very data that a study learns from; a published set that is missing is fetched
 * from its publisher.
 * @throws NasError `NAS_DATA_CHANGED` for another digest, and what fetching and reading data finds
 */
export async function requireWorkerData(
  { spec, dataDigest, study }: StudyRecord,
  { data: folder }: Places,
  signal: AbortSignal,
  log: (line: string) => void,
): Promise<void> {
  if (dataDigest === null) return;
  const data: DataSpec = { ...spec.data, folder };
  const found = await digestOf(data);
  if (found === dataDigest) return;
  if (found === undefined && parseDataName(data.name).kind !== 'images') {
    log(`study ${study}: fetching ${data.name} …`);
    await getData(data.name, { folder, mayDownloadPackage: false, env: process.env, signal });
    if ((await digestOf(data)) === dataDigest) return;
  }
  throw new NasError({
    code: 'NAS_DATA_CHANGED',
    found: `${data.name} here ${found === undefined ? 'is missing' : 'has other files'} than study ${study} learns from`,
    expected: `the same files with the same sizes (digest ${dataDigest.slice(0, 12)})`,
    fix: 'copy the data set to this machine under the same path, or start the worker with --data-folder',
  });
}

/** Undefined where the data set is not there, or not whole. */
async function digestOf(data: DataSpec): Promise<string | undefined> {
  try {
    return (await dataFiles(data)).digest;
  } catch (error) {
    if (isNasError(error)) return undefined;
    throw error;
  }
}
