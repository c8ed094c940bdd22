import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { NasError } from '../../core/index.js';
import {
  changesBetween,
  dataFiles,
  loadData,
  loadTest,
  type DataFileFacts,
  type DataFiles,
  type DataSet,
} from '../../data/index.js';
import type { TrialReader, TrialStore } from '../../trials/index.js';
import { factsOf } from './data-facts.js';
import type { StudySpec } from './spec.js';

/** The files of a study's data set as they were when it was made: their digest and, packed, the list. */
const keptSchema = z.object({
  version: z.literal(1),
  digest: z.string(),
  count: z.int().nonnegative(),
  /** JSON of rows [name, part, bytes, crc], packed with gzip, as base64. */
  list: z.string(),
});

const listSchema = z.array(
  z.tuple([
    z.string(),
    z.enum(['training', 'held out', 'test', 'unused', 'file']),
    z.number(),
    z.number().nullable(),
  ]),
);

const NOTE = 'data.files';

/** Keeps with a study which files it learns from. */
export function keepFiles(store: TrialStore, { digest, files }: DataFiles): void {
  const rows = files.map(({ name, part, bytes, crc }) => [name, part, bytes, crc]);
  store.note(NOTE, {
    version: 1,
    digest,
    count: files.length,
    list: gzipSync(JSON.stringify(rows)).toString('base64'),
  });
}

/** Digest of the files that a study learns from; null for the test double, which reads none, and for a study that kept no list. */
export function keptDigest(reader: TrialReader): string | null {
  return keptSchema.safeParse(reader.noted(NOTE)).data?.digest ?? null;
}

/**
 * Refuses data that is not what the study was made with. A study that kept no list of files, made by an earlier version,
 * is refused where its classes, its held-out part or the mean of its pixels differ.
 * @throws NasError `NAS_DATA_CHANGED` that names what was added, removed and changed, and what loading data finds
 */
export async function requireSameData(reader: TrialReader, spec: StudySpec): Promise<void> {
  if (spec.host.backend === 'fake') return;
  const kept = keptSchema.safeParse(reader.noted(NOTE)).data;
  if (kept === undefined) return requireSameFacts(reader, await loadData({ ...spec.data, seed: spec.seed }));
  const { digest, files } = await dataFiles({ ...spec.data, seed: spec.seed });
  if (digest === kept.digest) return;
  throw changed(reader, differences(rowsOf(kept.list), files));
}

/**
 * As {@link requireSameData}; a study without a list of its files gets one, after its test part was read too.
 * @param log gets a line when a list was added
 */
export async function requireOrKeepData(
  store: TrialStore,
  spec: StudySpec,
  log: (line: string) => void,
): Promise<void> {
  await requireSameData(store, spec);
  if (spec.host.backend === 'fake' || keptSchema.safeParse(store.noted(NOTE)).success) return;
  const data = { ...spec.data, seed: spec.seed };
  await loadTest({ spec: data });
  const files = await dataFiles(data);
  keepFiles(store, files);
  log(
    `data: the study kept no list of its files; ${files.files.length} files of ${spec.data.name} are kept from now on`,
  );
}

function rowsOf(list: string): readonly DataFileFacts[] {
  const rows = listSchema.parse(JSON.parse(gunzipSync(Buffer.from(list, 'base64')).toString('utf8')));
  return rows.map(([name, part, bytes, crc]) => ({ name, part, bytes, crc }));
}

function differences(before: readonly DataFileFacts[], after: readonly DataFileFacts[]): string {
  const { added, removed, changed: other, moved } = changesBetween(before, after);
  const sides: readonly (readonly [readonly string[], string])[] = [
    [added, 'added'],
    [removed, 'removed'],
    [other, before[0]?.part === 'file' ? 'with other contents' : 'of another size'],
  ];
  const texts = sides.flatMap(([names, what]) =>
    names.length === 0 ? [] : [`${names.length} ${what} (${some(names)})`],
  );
  // Another file alone puts files into other parts, which says no more than that.
  return texts.length > 0 ? texts.join(', ') : `${moved.length} in another part (${some(moved)})`;
}

function some(names: readonly string[]): string {
  return names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
}

/** Largest difference of a mean or deviation that rounding may make. */
const ROUNDING = 1e-6;

function requireSameFacts(reader: TrialReader, { classes, mean, deviation, split }: DataSet): void {
  const facts = factsOf(reader);
  if (facts === undefined) return;
  const far = (a: readonly number[], b: readonly number[]): boolean =>
    a.length !== b.length || a.some((value, at) => Math.abs(value - (b[at] ?? Number.NaN)) > ROUNDING);
  const changes = [
    ...(facts.classes.join('\0') === classes.join('\0')
      ? []
      : [
          `${facts.classes.length} classes (${some(facts.classes)}) then, ${classes.length} (${some(classes)}) now`,
        ]),
    ...(facts.heldOut === undefined || facts.heldOut === split.validation.length
      ? []
      : [`${facts.heldOut} held-out pictures then, ${split.validation.length} now`]),
    ...(far(facts.mean, mean) || far(facts.deviation, deviation)
      ? ['another mean or deviation of the pixels']
      : []),
  ];
  if (changes.length > 0)
    throw changed(
      reader,
      `${changes.join(', ')} (an earlier version made the study and kept no list of files; this one also reads sub-folders, BMP and samples of more than 8 bits)`,
    );
}

function changed(reader: TrialReader, what: string): NasError {
  const { name } = reader.study;
  return new NasError({
    code: 'NAS_DATA_CHANGED',
    found: `the data of study ${name} is not what it was made with: ${what}`,
    expected: 'the same files with the same sizes, since trials of different pictures do not compare',
    fix: 'restore the data as it was, or begin a new study on the changed data: choose another name with --study',
  });
}
