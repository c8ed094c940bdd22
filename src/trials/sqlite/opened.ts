import { statSync } from 'node:fs';
import type { Database } from './load.js';

/**
 * Databases that this process has open through SQLite, by device and inode. POSIX drops all locks of a process on a file
 * as soon as it closes any descriptor of it (sqlite.org/howtocorrupt.html, 2.2): a file that is open here may not be
 * opened by other means, not even to read its header. SQLite's own connections of one process know of each other.
 */
const opened = new Map<string, number>();

/** Keeps count of a connection to `path` until it is closed. */
export function counted(database: Database, path: string): Database {
  const key = keyOf(path);
  if (key === undefined) return database;
  opened.set(key, (opened.get(key) ?? 0) + 1);
  const close = database.close.bind(database);
  let open = true;
  database.close = () => {
    close();
    if (open) {
      const left = (opened.get(key) ?? 1) - 1;
      if (left > 0) opened.set(key, left);
      else opened.delete(key);
    }
    open = false;
    return database;
  };
  return database;
}

/** Whether a connection of this process holds the file open, under any name. */
export function isOpened(path: string): boolean {
  const key = keyOf(path);
  return key !== undefined && opened.has(key);
}

function keyOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}
