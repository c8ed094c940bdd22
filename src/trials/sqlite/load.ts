import type BetterSqlite3 from 'better-sqlite3';
import { presentAddon, messageOf, NasError, NativePackageMissing, requireNative } from '../../core/index.js';
import { createKeeper, type Keeper } from './keep.js';

export type Database = BetterSqlite3.Database;
/** Opens a file, or a copy in memory of a file's bytes. */
export type Sqlite = (path: string | Buffer, options?: BetterSqlite3.Options) => Database;

/**
 * Node 24.21 gave its `ObjectWrap` a clean-up hook that aborts the process when an object is collected while no
 * context is entered, and better-sqlite3 built against its headers inherits that. So on Node ≥ 24 databases and
 * statements are collected only from within a call, see {@link createKeeper}.
 */
const KEEPER: Keeper | undefined =
  Number(process.versions.node.split('.')[0]) >= 24 ? createKeeper() : undefined;

interface NativeDatabase {
  prepare(...given: readonly unknown[]): object;
}

/** Keeps a database, and every statement that it prepares, also those of its own pragmas and transactions. */
function keepAll(database: Database, keeper: Keeper): Database {
  keeper.keep(database);
  for (const symbol of Object.getOwnPropertySymbols(database)) {
    const native = (database as unknown as Record<symbol, unknown>)[symbol];
    if (native === null || typeof native !== 'object' || !('prepare' in native)) continue;
    keeper.keep(native);
    const prepare = (native as NativeDatabase).prepare.bind(native);
    const kept = (...given: readonly unknown[]): object => {
      const statement = prepare(...given);
      keeper.keep(statement);
      return statement;
    };
    Object.defineProperty(native, 'prepare', { value: kept });
  }
  return database;
}

let loaded: Sqlite | undefined;

/**
 * The native package, loaded when first needed and tried once.
 * @throws NasError `NAS_SQLITE_UNAVAILABLE` when it is missing or built for another Node
 */
export function loadSqlite(): Sqlite {
  return (loaded ??= loadSqliteFrom(requireNative));
}

/** As {@link loadSqlite}, but from what `require` gives, and loaded again each time. */
export function loadSqliteFrom(require: (name: 'better-sqlite3') => unknown, keeper = KEEPER): Sqlite {
  try {
    const file = presentAddon();
    // Without an add-on of `nas setup`, a clone's npm may have left one in the package.
    const addon = file === undefined ? {} : { nativeBinding: file };
    const Constructor = require('better-sqlite3') as typeof BetterSqlite3;
    const open: Sqlite = (path, options) => {
      const database = new Constructor(path, { ...options, ...addon });
      return keeper === undefined ? database : keepAll(database, keeper);
    };
    open(':memory:').close();
    return open;
  } catch (error) {
    const missing = error instanceof NativePackageMissing;
    throw new NasError({
      code: 'NAS_SQLITE_UNAVAILABLE',
      found: missing ? 'the database is not set up' : `the database does not load: ${messageOf(error)}`,
      expected: `better-sqlite3 for Node ${process.versions.node}`,
      fix: 'run: npx nas setup',
      cause: error,
    });
  }
}
