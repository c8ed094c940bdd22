import { extname } from 'node:path';
import { kindOfName } from './picture-names.js';

/** Counts what a listing passes over, by reason. */
export interface PassedOver {
  add(reason: string): void;
  /** A file that is no picture by its name. */
  addFile(name: string): void;
  /** Adds what another one counted. */
  addAll(other: PassedOver): void;
  readonly counts: ReadonlyMap<string, number>;
  /** One text per reason, with its count; empty when nothing was passed over. */
  summary(): readonly string[];
}

export function passedOver(): PassedOver {
  const counts = new Map<string, number>();
  const add = (reason: string, count = 1): void => {
    counts.set(reason, (counts.get(reason) ?? 0) + count);
  };
  return {
    counts,
    add: (reason) => {
      add(reason);
    },
    addAll: (other) => {
      for (const [reason, count] of other.counts) add(reason, count);
    },
    addFile: (name) => {
      const ending = extname(name).toLowerCase().slice(0, 12);
      if (kindOfName(name) === 'undecoded') add(`${ending} (cannot be decoded: convert to PNG or JPEG)`);
      else add(ending === '' ? 'without an ending' : `${ending} (no picture format)`);
    },
    summary: () =>
      [...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([reason, count]) => `${count} ${reason}${count > 1 && reason.endsWith(' file') ? 's' : ''}`),
  };
}
