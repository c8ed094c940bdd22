import { createHash } from 'node:crypto';
import type { Json } from '../../core/index.js';

/**
 * A strategy's state is saved with every trial, but its large parts (the controller's weights) change more
 * seldom. Long strings are therefore kept once each in a separate table, by digest, and the state's JSON
 * holds a reference. Text that starts with the mark itself is kept there too, so that no text is misread.
 */
export interface PackedState {
  readonly text: string;
  readonly blobs: ReadonlyMap<string, string>;
}

const MARK = '\u0000blob:';
const LONG = 4096;

/** @param known digests of long strings packed before, to spare hashing them again */
export function packState(state: Json, known: ReadonlyMap<string, string> = new Map()): PackedState {
  const blobs = new Map<string, string>();
  const text = JSON.stringify(state, (_key, value: unknown) => {
    if (typeof value !== 'string' || (value.length < LONG && !value.startsWith(MARK))) return value;
    const seen = [...known].find(([, long]) => long === value)?.[0];
    const digest = seen ?? createHash('sha256').update(value).digest('hex');
    blobs.set(digest, value);
    return MARK + digest;
  });
  return { text, blobs };
}

/** @param read the long string of a digest; throws when there is none */
export function unpackState(text: string, read: (digest: string) => string): Json {
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? read(value.slice(MARK.length)) : value,
  ) as Json;
}
