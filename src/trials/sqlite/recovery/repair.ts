import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, NasError, now, type Json } from '../../../core/index.js';
import { checkStudyName } from '../../model/names.js';
import type { Study } from '../../store.js';
import { damaged, locked, translating } from '../errors.js';
import { loadSqlite, type Database } from '../load.js';
import { takeLock } from '../lock.js';
import { requireOurs } from '../schema.js';
import { exists, inNewFolder, readStudy, requireFile, writeNew } from '../study.js';
import { chooseTrial, type Kept } from './choose.js';
import { gather, isJson, type Gathered } from './gather.js';
import { logIsDamaged, pagesOf } from './pages.js';
import type { Value } from './records.js';

/** What of a damaged study stands in the new one. */
export interface Repaired {
  /** Trials in the new study. */
  readonly saved: number;
  /** Of these, finished ones whose outcome is lost: they are unfinished again and trained again on resuming. */
  readonly again: number;
  /** Trials that something still speaks of and that could not be saved; ones that nothing speaks of are not counted. */
  readonly lost: number;
  /** Saved trials whose parent is lost. */
  readonly orphans: number;
  /** Specification, seed and environment. Without them the trials can be listed, not resumed. */
  readonly settings: boolean;
  /** `lost`: a resumed search learns from scratch. */
  readonly strategy: 'saved' | 'lost' | 'none';
  readonly notes: number;
  /** File names of weights that saved trials speak of. */
  readonly checkpoints: readonly string[];
}

/**
 * Says what is wrong with a study's database, or undefined where every page, trial and the strategy's state can be read.
 * Changes nothing.
 * @throws NasError `NAS_STUDY_MISSING`, `NAS_STUDY_NEWER`, `NAS_SQLITE_UNAVAILABLE`
 */
export function faultOf(folder: string): string | undefined {
  const path = requireFile(folder);
  if (logIsDamaged(path)) return `${path} has a write-ahead log that is damaged`;
  try {
    using reader = readStudy(folder);
    for (const _ of reader.trials());
    reader.strategyState();
    const database = loadSqlite()(path, { readonly: true, fileMustExist: true });
    try {
      const found: unknown = database.pragma('integrity_check(1)', { simple: true });
      return found === 'ok' ? undefined : messageOf(found);
    } finally {
      database.close();
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'NAS_STUDY_NEWER' || code === 'NAS_SQLITE_UNAVAILABLE') throw error;
    return messageOf(error);
  }
}

/**
 * Writes what can be read of a study's database into a new one, with the numbers of the trials kept. The old one is read
 * byte by byte, never opened by SQLite and never changed. SQLite keeps no checksums: a value changed into another
 * possible one goes unnoticed.
 * @param respec makes the new study's specification from the old one, null where that is lost
 * @throws NasError `NAS_STUDY_MISSING`, `NAS_STUDY_LOCKED` while it is being written, `NAS_STUDY_NEWER`,
 *   `NAS_STUDY_EXISTS`, `NAS_NOTHING_TO_SAVE`, and what `createStudy` throws
 */
export function repairStudy(
  from: string,
  into: string,
  name: string,
  respec: (spec: Json) => Json = (spec) => spec,
): Repaired {
  checkStudyName(name);
  const source = requireFile(from);
  const target = join(into, 'trials.sqlite');
  if (existsSync(target)) throw exists(name, target);
  refuseNewer(source);
  const release = lockIfAny(from);
  try {
    const found = translating(source, () => gather(pagesOf(source)));
    const study = studyOf(found, name, respec);
    const ids = [...new Set([...found.trials.keys(), ...found.details.keys()])].sort((a, b) => a - b);
    const kept = ids.flatMap((id) => chooseTrial(found, id) ?? []);
    if (study === undefined && kept.length === 0) throw nothing(source);
    const here = new Set(kept.map(({ id }) => id));
    const orphans = kept.filter(({ trial }) => trial[3] !== null && !here.has(trial[3] as number));
    const sqlite = loadSqlite();
    const bare = { name, spec: respec(null), spaceDigest: '', seed: '', createdAt: now(), environment: {} };
    inNewFolder(sqlite, into, name, (path, lock) => {
      translating(path, () =>
        writeNew(sqlite, path, study ?? bare, (database) => fill(database, kept, found, new Set(orphans))),
      );
      lock[Symbol.dispose]();
    });
    return {
      saved: kept.length,
      again: kept.filter(({ again }) => again).length,
      lost: [...mentioned(found, kept)].filter((id) => !here.has(id)).length,
      orphans: orphans.length,
      settings: study !== undefined,
      strategy: found.strategy !== undefined ? 'saved' : found.hadStrategy ? 'lost' : 'none',
      notes: found.notes.size,
      checkpoints: kept.flatMap(({ trial }) => (typeof trial[18] === 'string' ? [trial[18]] : [])),
    };
  } finally {
    release();
  }
}

/** Numbers have no gaps: all up to the largest saved, and those that anything else speaks of. */
function mentioned(found: Gathered, kept: readonly Kept[]): ReadonlySet<number> {
  const largest = kept.at(-1)?.id ?? 0;
  return new Set([...found.known, ...Array.from({ length: largest }, (_, i) => i + 1)]);
}

function studyOf(found: Gathered, name: string, respec: (spec: Json) => Json): Study | undefined {
  for (const [, , spec, spaceDigest, seed, createdAt, environment] of found.studies.toReversed()) {
    if (![spec, spaceDigest, seed, environment].every((text) => typeof text === 'string')) continue;
    if (!isJson(spec as string) || !isJson(environment as string) || typeof createdAt !== 'number') continue;
    return {
      name,
      spec: respec(JSON.parse(spec as string) as Json),
      spaceDigest: spaceDigest as string,
      seed: seed as string,
      createdAt,
      environment: JSON.parse(environment as string) as Json,
    };
  }
  return undefined;
}

function fill(database: Database, kept: readonly Kept[], found: Gathered, orphans: ReadonlySet<Kept>): void {
  const trial = database.prepare<Value[]>(
    `INSERT INTO trial (id, kind, state, parent, text, params, madds, seed, accuracy, latency_ms, latency_low_ms,
       latency_high_ms, latency_source, platform, fingerprint, reward, seconds, reason, checkpoint, attempts,
       created_at, finished_at, also)
     VALUES (${Array.from({ length: 23 }, () => '?').join(', ')})`,
  );
  const detail = database.prepare<Value[]>(
    'INSERT INTO detail (trial, genome, note, latency, samples, curve) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const note = database.prepare<[string, string]>('INSERT INTO note VALUES (?, ?)');
  const blob = database.prepare<[string, string]>('INSERT INTO blob VALUES (?, ?)');
  database.transaction(() => {
    for (const one of kept) {
      const [, kind, state, parent, ...rest] = one.trial;
      const own = orphans.has(one) ? null : (parent as number | null);
      trial.run(...[one.id, kind as string, state as string, own, ...rest, null].slice(0, 23));
      detail.run(one.id, ...one.detail.slice(1));
    }
    for (const pair of found.notes) note.run(...pair);
    if (found.strategy === undefined) return;
    database.prepare('INSERT INTO strategy VALUES (1, ?)').run(found.strategy);
    for (const pair of found.blobs) blob.run(...pair);
  })();
}

/** Only a file whose header can be believed is reported as of a later version. */
function refuseNewer(path: string): void {
  try {
    const database = loadSqlite()(path, { readonly: true, fileMustExist: true });
    try {
      requireOurs(database, path);
    } finally {
      database.close();
    }
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'NAS_STUDY_NEWER' || code === 'NAS_SQLITE_UNAVAILABLE') throw error;
  }
}

/** No process may write meanwhile; where the lock's file cannot be used, none can. */
function lockIfAny(folder: string): () => void {
  const path = join(folder, 'trials.lock');
  if (!existsSync(path)) return () => undefined;
  try {
    const lock = takeLock(loadSqlite(), path, () => locked(folder, 'another process'));
    return () => lock[Symbol.dispose]();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'NAS_STUDY_LOCKED') throw error;
    return () => undefined;
  }
}

function nothing(path: string): NasError {
  const { found, expected } = damaged(path, 'holds no trial and no settings that can be read');
  return new NasError({
    code: 'NAS_NOTHING_TO_SAVE',
    found,
    ...(expected === undefined ? {} : { expected }),
    fix: 'put a copy of the file back, or start under another study name',
  });
}
