import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import { messageOf, NasError } from '../../core/index.js';

export type Database = BetterSqlite3.Database;
/** Opens a file, or a copy in memory of a file's bytes. */
export type Sqlite = (path: string | Buffer, options?: BetterSqlite3.Options) => Database;

/**
 * Every database that was opened, closed ones too. On Node 24 better-sqlite3's objects abort the process when they are
 * collected (`RemoveEnvironmentCleanupHook` without an environment), so none is ever let go; a closed one is small.
 */
const opened: Database[] = [];

/**
 * The native package, loaded when first needed and tried once.
 * @throws NasError `NAS_SQLITE_UNAVAILABLE` when it is missing or built for another Node
 */
export function loadSqlite(require: (name: string) => unknown = createRequire(import.meta.url)): Sqlite {
  try {
    const Constructor = require('better-sqlite3') as typeof BetterSqlite3;
    const open: Sqlite = (path, options) => {
      const database = new Constructor(path, options);
      opened.push(database);
      return database;
    };
    open(':memory:').close();
    return open;
  } catch (error) {
    throw new NasError({
      code: 'NAS_SQLITE_UNAVAILABLE',
      found: `better-sqlite3 does not load: ${messageOf(error)}`,
      expected: `it to be built for Node ${process.versions.node}`,
      fix: 'run: npm run setup in a clone, npm rebuild better-sqlite3 elsewhere',
      cause: error,
    });
  }
}
