import { statSync } from 'node:fs';
import { join } from 'node:path';
import { listStudies } from '../trials/index.js';

/** The present state of a study's files; equal texts mean that nothing was written between. */
export interface Stamp {
  readonly text: string;
  /** When one of them was last written, in ms since 1970. */
  readonly writtenAt: number;
}

/** Costs two calls of the file system, opens nothing and locks nothing; null where there is no study (any more). */
export function stampOf(folder: string): Stamp | null {
  const parts = ['trials.sqlite', 'trials.sqlite-wal'].map((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false }),
  );
  if (parts[0] === undefined) return null;
  return {
    text: parts
      .map((part) => (part === undefined ? '-' : `${part.ino} ${part.size} ${part.mtimeMs}`))
      .join(' '),
    writtenAt: Math.max(...parts.map((part) => part?.mtimeMs ?? 0)),
  };
}

/** All studies' stamps by name; empty where the folder cannot be read. */
export function stampsIn(runs: string): ReadonlyMap<string, Stamp> {
  const stamps = new Map<string, Stamp>();
  try {
    for (const name of listStudies(runs)) {
      const stamp = stampOf(join(runs, name));
      if (stamp !== null) stamps.set(name, stamp);
    }
  } catch {
    // Reported by /api/studies, which lists them again.
  }
  return stamps;
}

/** Names that came, went or were written. */
export function changesBetween(
  before: ReadonlyMap<string, Stamp>,
  after: ReadonlyMap<string, Stamp>,
): readonly string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name)?.text !== after.get(name)?.text);
}
