import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { threadsFor } from '../../backends/index.js';
import { NasError, nearest, parseUserJson } from '../../core/index.js';
import {
  badTable,
  checkTable,
  importTable,
  parsePlatform,
  readTable,
  readText,
  tableFiles,
  tablePath,
  TABLE_FORMAT,
  writeTable,
  type Imported,
  type LatencyTable,
} from '../../latency/index.js';
import { spaceFileText, spaceNames, type Task } from '../../space/index.js';
import { defaultWorkers } from '../study/defaults.js';
import type { Places } from '../environment.js';
import type { LatencyEnd, LatencyJob } from './job.js';
import { runLatencyJob, type LatencyOptions } from './process.js';
import { resolvePlatform, resolveSpace } from '../resolve.js';
import { requireBackend } from '../study/session.js';
import { lockTable } from './table-lock.js';
import { requireTrusted, tableSource } from '../study/trust.js';

/** Most networks that the correction may be fitted to. */
export const MOST_CALIBRATION = 10;

export interface BuildTableOptions {
  readonly platform: string;
  /** Built-in space or YAML file. */
  readonly space: string;
  readonly task: Task;
  readonly batch: number;
  readonly threads?: number | undefined;
  readonly flavour: 'cpu' | 'gpu';
  readonly out?: string | undefined;
  readonly widths: boolean;
  readonly networks: number;
  readonly seed: string;
}

/**
 * Builds a table, or resumes building it.
 * @throws NasError for names that mean nothing, and what the platform finds
 */
export function buildLatencyTable(
  requested: BuildTableOptions,
  places: Places,
  options: LatencyOptions,
): Promise<LatencyEnd> {
  const platform = requireTimer(requested.platform, requested.flavour, places);
  const space = resolveSpace(requested.space, requested.task);
  const yaml = spaceNames.includes(requested.space) ? null : spaceFileText(requested.space);
  return runLatencyJob(
    {
      kind: 'build',
      platform,
      trusted: [platform],
      space: { name: yaml === null ? requested.space : space.name, yaml },
      ...jobPlaces(places),
      task: { input: [...requested.task.input], classes: requested.task.classes },
      batch: requested.batch,
      threads: requested.threads ?? defaultThreads(),
      flavour: requested.flavour,
      file: requested.out ?? null,
      widths: requested.widths,
      networks: requested.networks,
      seed: requested.seed,
    },
    options,
  );
}

export interface ValidateTableOptions {
  readonly file: string;
  /** Where the space is no built-in one. */
  readonly space?: string | undefined;
  readonly networks: number;
  readonly flavour: 'cpu' | 'gpu';
  readonly seed: string;
  /** The table's own, named again, so that a table of others may use it; see `requireTrusted`. */
  readonly platform?: string | undefined;
}

/**
 * Measures random networks of a table's space on its platform and keeps them in the table.
 * @param notice gets what the user should know
 * @throws NasError `NAS_TABLE_FOREIGN` for a table of an unknown device, `NAS_PLATFORM_UNTRUSTED`, `NAS_OTHER_PLATFORM`,
 *   and what the platform finds
 */
export function validateLatencyTable(
  requested: ValidateTableOptions,
  places: Places,
  options: LatencyOptions,
  notice?: (text: string) => void,
): Promise<LatencyEnd> {
  const table = readTable(requested.file);
  if (table.fingerprint === null || table.space === null) {
    throw new NasError({
      code: 'NAS_TABLE_FOREIGN',
      found: `${requested.file} does not say which device and space it is of (${table.source})`,
      expected: 'a table that nas latency build made',
    });
  }
  const task: Task = { input: table.space.input, classes: table.space.classes };
  const named = requested.space ?? table.space.name;
  const space = resolveSpace(named, task);
  if (space.digest !== table.space.digest) {
    throw new NasError({
      code: 'NAS_TABLE_OTHER_SPACE',
      found: `${requested.file} is a table of another search space than ${named}`,
      expected: `${table.space.name}, digest ${table.space.digest.slice(0, 12)}`,
      fix: 'name its YAML file with --space',
    });
  }
  const yaml = spaceNames.includes(named) ? null : spaceFileText(named);
  const again = requested.platform === undefined ? [] : [requested.platform];
  const trusted = requireTrusted(tableSource(requested.file), [table.platform], again, notice).map(
    resolvePlatform,
  );
  return runLatencyJob(
    {
      kind: 'validate',
      trusted,
      platform: requireTimer(table.platform, requested.flavour, places),
      space: { name: space.name, yaml },
      ...jobPlaces(places),
      task: { input: [...task.input], classes: task.classes },
      batch: table.batch,
      threads: table.fingerprint.threads,
      flavour: requested.flavour,
      file: requested.file,
      widths: false,
      networks: requested.networks,
      seed: requested.seed,
    },
    options,
  );
}

function jobPlaces({ tensorflow, latency }: Places): Pick<LatencyJob, 'tensorflow' | 'latency'> {
  return { tensorflow, latency };
}

/** As many as a study's host uses by default, since latencies of other numbers are others. */
function defaultThreads(): number {
  return threadsFor(defaultWorkers());
}

/** A platform that times. @throws NasError `NAS_UNKNOWN_PLATFORM`, `NAS_BAD_PLATFORM`, `NAS_TENSORFLOW_MISSING` */
function requireTimer(given: string, flavour: 'cpu' | 'gpu', places: Places): string {
  const { kind } = parsePlatform(given);
  if (kind === 'table') {
    throw new NasError({
      code: 'NAS_BAD_PLATFORM',
      found: `latency platform ${given.slice(0, 80)}, which times nothing`,
      expected: 'a platform that times networks, such as tensorflow or onnxruntime',
    });
  }
  if (kind === 'tensorflow') requireBackend({ backend: 'tensorflow', flavour }, places);
  return resolvePlatform(given);
}

/**
 * The table that is meant: a file, or the only one in the folder of latencies.
 * @throws NasError `NAS_NO_TABLE`
 */
export function meantTable(places: Places, given: string | undefined): string {
  const files = tableFiles(places.latency);
  if (given !== undefined) {
    if (existsSync(given)) return given;
    const near = nearest(given, files);
    throw new NasError({
      code: 'NAS_NO_TABLE',
      found: `no readable table ${given}`,
      expected: 'a file that nas latency build or export wrote',
      fix: near === undefined ? 'nas latency show lists the tables that are there' : `did you mean ${near}?`,
    });
  }
  const [only, ...more] = files;
  if (only !== undefined && more.length === 0) return only;
  throw new NasError({
    code: 'NAS_NO_TABLE',
    found:
      only === undefined ? `no table in ${places.latency}` : `${files.length} tables in ${places.latency}`,
    fix: only === undefined ? 'nas latency build --platform …' : 'name one; nas latency show lists them',
  });
}

/** A table taken in, and where it lies. */
export interface ImportedTable extends Imported {
  readonly file: string;
}

/**
 * Takes a table into the folder of latencies: one of this project where its device and space say, a foreign one under
 * `imported`.
 * @returns where it lies, and which foreign entries were not read
 * @throws NasError `NAS_NO_TABLE`, `NAS_BAD_TABLE`, `NAS_TABLE_EXISTS`
 */
export function importLatencyTable(
  source: string,
  places: Places,
  { out, force }: { readonly out?: string | undefined; readonly force: boolean },
): ImportedTable {
  const text = readText(source);
  const own = ownTable(text, source);
  const name = basename(source).replace(/\.[a-z]+$/i, '');
  const imported =
    own === null
      ? importTable(text, name)
      : { table: own, found: Object.keys(own.entries).length, passedOver: [] };
  const { table } = imported;
  const safe = name.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^\.+/, '');
  const place =
    table.fingerprint === null || table.space === null
      ? join(places.latency, 'imported', `table-${safe === '' ? 'foreign' : safe}.json`)
      : tablePath(places.latency, table.fingerprint, table.space.digest);
  const file = out ?? place;
  if (existsSync(file) && !force) {
    throw new NasError({
      code: 'NAS_TABLE_EXISTS',
      found: `${file} is there already`,
      fix: 'name another file with --out, or say --force to replace it',
    });
  }
  using lock = lockTable(file);
  void lock;
  writeTable(file, table);
  return { file, ...imported };
}

/** A table of this project; null for text that is none of its files. */
function ownTable(text: string, source: string): LatencyTable | null {
  // YAML of many lines is not worth reading as JSON first.
  if (!/^\s*\{/.test(text) && !text.slice(0, 1000).includes(`"${TABLE_FORMAT}"`)) return null;
  const read = parseUserJson(text);
  if ('fault' in read) {
    // What is broken is called what it is meant to be.
    if (text.slice(0, 1000).includes(`"${TABLE_FORMAT}"`)) throw badTable(source, read.fault);
    return null;
  }
  const { value } = read;
  const ours = typeof value === 'object' && value !== null && 'format' in value;
  return ours ? checkTable(value, source) : null;
}
