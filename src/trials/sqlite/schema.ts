import { rmSync } from 'node:fs';
import { moveIntoSync, NasError } from '../../core/index.js';
import { damaged } from './errors.js';
import { isWholeDatabase } from './header.js';
import type { Database } from './load.js';

/** `nas1` in the file's header: distinguishes our files from those of other programs. */
export const APPLICATION_ID = 0x6e617331;

/**
 * Step n leads from version n to n + 1; steps are never changed, only added. What lists show stands in `trial`,
 * everything bulky in `detail`, so that listing never reads it.
 */
const STEPS: readonly string[] = [
  `
  CREATE TABLE study (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL, spec TEXT NOT NULL, space_digest TEXT NOT NULL, seed TEXT NOT NULL,
    created_at REAL NOT NULL, environment TEXT NOT NULL
  ) STRICT;
  CREATE TABLE trial (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('sample', 'proposal', 'netadapt', 'retrain')),
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'infeasible', 'failed')),
    parent INTEGER REFERENCES trial (id),
    text TEXT NOT NULL, params INTEGER NOT NULL, madds INTEGER NOT NULL, seed TEXT NOT NULL,
    accuracy REAL CHECK (accuracy BETWEEN 0 AND 1),
    latency_ms REAL, latency_low_ms REAL, latency_high_ms REAL,
    latency_source TEXT CHECK (latency_source IN ('measured', 'table', 'predicted')),
    platform TEXT, fingerprint TEXT,
    reward REAL, seconds REAL, reason TEXT, checkpoint TEXT,
    attempts INTEGER NOT NULL, created_at REAL NOT NULL, finished_at REAL
  ) STRICT;
  CREATE INDEX trial_text ON trial (text);
  CREATE INDEX trial_state ON trial (state);
  CREATE INDEX trial_parent ON trial (parent) WHERE parent IS NOT NULL;
  CREATE TABLE detail (
    trial INTEGER PRIMARY KEY REFERENCES trial (id),
    genome TEXT, note TEXT NOT NULL,
    latency TEXT, samples BLOB, curve TEXT
  ) STRICT;
  CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE strategy (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT NOT NULL) STRICT;
  CREATE TABLE blob (digest TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE writer (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER NOT NULL, since REAL NOT NULL) STRICT;
  `,
  // Latencies on further platforms, as a list of JSON; null for one platform.
  `ALTER TABLE trial ADD COLUMN also TEXT;`,
  // What the frontier and the best are found by, without reading the trials themselves.
  `CREATE INDEX trial_front ON trial (fingerprint, latency_source, latency_ms, accuracy DESC, id, kind)
   WHERE state = 'done';`,
];

/** The schema's version that this program writes; kept in the file as `user_version`. */
export const SCHEMA_VERSION = STEPS.length;

/**
 * Brings an open, writable database to {@link SCHEMA_VERSION}, each step in a separate transaction. Of an older one a
 * copy is kept next to it, as `<file>.v<version>`.
 */
export function migrate(database: Database, path: string): void {
  const before = versionOf(database);
  if (before > 0 && before < STEPS.length) keepCopy(database, `${path}.v${before}`);
  for (let version = versionOf(database); version < STEPS.length; version++) {
    database.transaction(() => {
      database.exec(STEPS[version] as string);
      database.pragma(`application_id = ${APPLICATION_ID}`);
      database.pragma(`user_version = ${version + 1}`);
    })();
  }
}

/** A copy appears under its name only when it is whole; what lies there and is none is replaced. */
function keepCopy(database: Database, copy: string): void {
  if (isWholeDatabase(copy)) return;
  const draft = `${copy}.new`;
  rmSync(draft, { force: true });
  try {
    database.prepare('VACUUM INTO ?').run(draft);
    moveIntoSync(draft, copy);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Refuses what this program cannot read; changes nothing.
 * @throws NasError `NAS_STUDY_DAMAGED` for a database of another program, `NAS_STUDY_NEWER` for one of a later version
 */
export function requireOurs(database: Database, path: string): void {
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID)
    throw damaged(path, 'is a database, but not one of a study');
  const version = versionOf(database);
  if (version > SCHEMA_VERSION)
    throw new NasError({
      code: 'NAS_STUDY_NEWER',
      found: `${path} has schema version ${version}`,
      expected: `at most ${SCHEMA_VERSION}`,
      fix: 'open it with the newer platform-nas that wrote it',
    });
}

export function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}
