import { createHash } from 'node:crypto';
import { unpackState } from '../state.js';
import type { Page } from './pages.js';
import { recordsOf, type Found, type Value } from './records.js';
import { TRIAL_KINDS, TRIAL_STATES } from '../../query/columns.js';

/** What was found of a study, as its tables' columns; lists hold the oldest first. */
export interface Gathered {
  readonly studies: readonly (readonly Value[])[];
  readonly trials: ReadonlyMap<number, readonly (readonly Value[])[]>;
  readonly details: ReadonlyMap<number, readonly (readonly Value[])[]>;
  readonly notes: ReadonlyMap<string, string>;
  /** The latest state of the strategy of which all parts are there, as its row's text. */
  readonly strategy: string | undefined;
  readonly blobs: ReadonlyMap<string, string>;
  /** Whether there was a state, readable or not. */
  readonly hadStrategy: boolean;
  /** Every trial that anything speaks of. */
  readonly known: ReadonlySet<number>;
}

/** Columns of `trial` in versions 1 and 2, with the row number, which is stored as NULL. */
const TRIAL_WIDTHS = [22, 23];

/** Distinguishes records by their shape, since the catalogue of tables may be what is damaged. */
export function gather(pages: readonly Page[]): Gathered {
  const studies: (readonly Value[])[] = [];
  const trials = new Map<number, (readonly Value[])[]>();
  const details = new Map<number, (readonly Value[])[]>();
  const notes = new Map<string, string>();
  const blobs = new Map<string, string>();
  const states: string[] = [];
  const known = new Set<number>();
  const most = pages.reduce((sum, page) => sum + page.bytes.length, 0) / 16;
  const knows = (id: Value | undefined): void => {
    if (typeof id === 'number' && Number.isSafeInteger(id) && id >= 1 && id <= most) known.add(id);
  };
  const keep = (map: Map<number, (readonly Value[])[]>, id: number, values: readonly Value[]): void => {
    knows(id);
    const list = map.get(id);
    if (list === undefined) map.set(id, [values]);
    else list.push(values);
  };
  const inTable = (id: number, values: readonly Value[]): void => {
    const [first, a, b] = values;
    if (first !== null || id < 1) return;
    if (TRIAL_WIDTHS.includes(values.length) && among(TRIAL_KINDS, a) && among(TRIAL_STATES, b))
      keep(trials, id, values);
    else if (values.length === 6 && typeof b === 'string') keep(details, id, values);
    else if (values.length === 7 && id === 1 && typeof b === 'string') studies.push(values);
    else if (values.length === 2 && id === 1 && typeof a === 'string') states.push(a);
  };
  const inIndex = ([key, value]: readonly Value[], width: number): void => {
    if (width !== 2) return;
    if (typeof value === 'number') knows(value);
    if (typeof key !== 'string' || typeof value !== 'string') return;
    if (/^[0-9a-f]{64}$/.test(key)) blobs.set(key, value);
    else if (isJson(value)) notes.set(key, value);
  };
  for (const page of pages)
    for (const { id, values } of recordsOf(page) satisfies readonly Found[])
      if (id === null) inIndex(values, values.length);
      else inTable(id, values);
  return {
    ...{ studies, trials, details, notes, known },
    blobs: new Map([...blobs].filter(([digest, text]) => digestOf(text) === digest)),
    strategy: states.findLast((text) => isWhole(text, blobs)),
    hadStrategy: states.length > 0,
  };
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether the state and all its parts, whose names are their digests, are as they were written. */
function isWhole(state: string, blobs: ReadonlyMap<string, string>): boolean {
  try {
    unpackState(state, (digest) => {
      const text = blobs.get(digest);
      if (text === undefined || digestOf(text) !== digest) throw new RangeError(`no part ${digest}`);
      return text;
    });
    return true;
  } catch {
    return false;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function among(names: readonly string[], value: Value | undefined): boolean {
  return typeof value === 'string' && names.includes(value);
}
