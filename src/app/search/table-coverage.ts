import { createRng, formatPercent, NasError } from '../../core/index.js';
import { coverageOf, parsePlatform, readTable, tableModel, type Coverage } from '../../latency/index.js';
import { buildNetwork } from '../../network/index.js';
import { presetArchitecture, presetNames, type Architecture, type SearchSpace } from '../../space/index.js';
import type { StudySpec } from '../study/spec.js';

/** Below it a user is warned. */
const COVERED = 0.9;
/** Below it latencies are guesses, and only who asks for them gets them. */
const LEAST_COVERED = 0.5;
const SAMPLES = 16;
const MOST_NAMED = 3;

/**
 * What to say of a table that is asked for segments beyond its measured range; null where 90 % of their time is covered.
 * @param what the networks, in a message
 * @throws NasError `NAS_TABLE_RANGE` below 50 %, unless extrapolation is allowed
 */
export function coverageText(
  file: string,
  { share, missing }: Coverage,
  what: string,
  allowed: boolean,
): string | null {
  if (share >= COVERED) return null;
  const named = missing.slice(0, MOST_NAMED).map((one) => `${one.key} (${formatPercent(one.share)})`);
  const more = missing.length - named.length;
  const found =
    `${file} covers ${formatPercent(share)} of the latency of ${what}; beyond what it measured: ` +
    `${named.join(', ')}${more > 0 ? ` and ${more} more segments` : ''}`;
  if (share >= LEAST_COVERED || allowed) return `${found}; those are extrapolated`;
  throw new NasError({
    code: 'NAS_TABLE_RANGE',
    found,
    expected: `at least ${formatPercent(LEAST_COVERED)}`,
    fix: 'build a table for this input size and space (nas latency build), or say --allow-extrapolation',
  });
}

type Latency = Pick<StudySpec['latency'], 'platform' | 'also' | 'allowExtrapolation'>;

/**
 * Holds each table that a study reads latencies from against the networks that it will be asked for: a sample of the
 * space, and the presets that the space has, at the study's task. Asked when a study is made and when one is resumed, whose
 * table may be another one by then.
 * @returns warnings, none for tables that cover them
 * @throws NasError `NAS_TABLE_RANGE`, and what reading a table finds
 */
export function checkTables(latency: Latency, space: SearchSpace): readonly string[] {
  const what = `the networks of ${space.name} at ${space.task.input.join('×')}`;
  return coverageTexts(latency, () => askedFor(space), what, latency.allowExtrapolation === true);
}

/**
 * The same of single networks that a study's table is to be asked for.
 * @param what the networks, in a message
 * @param allowed whether latencies may be guesses; where the study allows it, unless given
 * @throws NasError as {@link checkTables}
 */
export function tableWarnings(
  latency: Latency,
  networks: readonly Architecture[],
  what: string,
  allowed = latency.allowExtrapolation === true,
): readonly string[] {
  return coverageTexts(latency, () => networks, what, allowed);
}

function coverageTexts(
  { platform, also }: Latency,
  networks: () => readonly Architecture[],
  what: string,
  allowed: boolean,
): readonly string[] {
  const files = [platform, ...also.map((one) => one.platform)].flatMap((name) => {
    const spec = parsePlatform(name);
    return spec.kind === 'table' ? [spec.file] : [];
  });
  if (files.length === 0) return [];
  const built = networks().map(buildNetwork);
  return files.flatMap(
    (file) => coverageText(file, coverageOf(tableModel(readTable(file)), built), what, allowed) ?? [],
  );
}

function askedFor(space: SearchSpace): readonly Architecture[] {
  const rng = createRng('table-coverage');
  const sampled = Array.from({ length: SAMPLES }, () => space.decode(space.sample(rng)));
  return [
    ...sampled,
    ...presetNames.map((name) => presetArchitecture(name, space.task)).filter((one) => isIn(space, one)),
  ];
}

function isIn(space: SearchSpace, architecture: Architecture): boolean {
  try {
    space.encode(architecture);
    return true;
  } catch (error) {
    if (error instanceof NasError) return false;
    throw error;
  }
}
