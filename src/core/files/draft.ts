import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { isRunning, processMark } from '../process-mark.js';

/** What processes of earlier versions, and of this one, put behind a name; the first group says whose it is. */
const SUFFIX = /^\.(\d+|\d+-\d+-\d+)(?:\.\d+\.\d+)?\.(?:new|old)(?:\.[\d.-]+\.new)?$/;

let count = 0;

/**
 * A name next to `path` for what is to take its place (`new`), or has to make room (`old`). Its process is part of it, so
 * that what a killed one left can be removed ({@link removeDrafts}).
 */
export function draftOf(path: string, kind: 'new' | 'old' = 'new'): string {
  return `${path}.${processMark()}.${threadId}.${++count}.${kind}`;
}

/** The drafts for `path` whose processes no longer run, in no order. */
export function orphanedDrafts(path: string): readonly string[] {
  const folder = dirname(path);
  const name = basename(path);
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .filter((other) => other.startsWith(name) && isAbandoned(other.slice(name.length)))
    .map((other) => join(folder, other));
}

/** Removes what killed processes left of their attempts to write `path`. */
export function removeDrafts(path: string): void {
  for (const draft of orphanedDrafts(path)) {
    try {
      rmSync(draft, { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function isAbandoned(suffix: string): boolean {
  const mark = SUFFIX.exec(suffix)?.[1];
  if (mark === undefined) return false;
  return mark.includes('-') ? !isRunning(mark) : existsSync('/proc/self') && !existsSync(`/proc/${mark}`);
}
