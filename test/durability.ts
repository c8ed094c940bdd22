import { appendFileSync } from 'node:fs';
import { expect } from 'vitest';

/** Set by `npm run test:durability`: the file that gets what was done, a line of JSON each (scripts/durability.mjs). */
const FIGURES = process.env['NAS_DURABILITY_FIGURES'];

/** How often something is repeated: `full` times by `npm run test:durability`, a quarter of that, at least once, by `npm test`. */
export function repetitions(full: number): number {
  return FIGURES === undefined ? Math.max(1, Math.round(full / 4)) : full;
}

export type Attack = 'kills' | 'readers' | 'creators' | 'databases' | 'inputs' | 'sockets';

export interface Figures {
  readonly times: number;
  /** Finished trials that were compared with what was known of them. */
  readonly trials?: number;
  /** How often what must hold did not: trials lost or changed, databases damaged, inputs taken. */
  readonly broken: number;
  /** Of the stream that chose moments and bytes. */
  readonly seed?: string;
}

/** Adds to the figures of docs/trust.md. */
export function report(attack: Attack, figures: Figures): void {
  if (FIGURES === undefined) return;
  const { testPath: file } = expect.getState();
  appendFileSync(FIGURES, `${JSON.stringify({ file, attack, ...figures })}\n`);
}

/**
 * Reports attacks together with whether what must hold after them holds; passes on what the check throws.
 * @param check may give the number of trials that it compared
 */
export function attacked(
  attack: Attack,
  { times = 1, seed }: { readonly times?: number; readonly seed?: string },
  check: () => unknown,
): void {
  const common = { times, ...(seed === undefined ? {} : { seed }) };
  let trials: unknown;
  try {
    trials = check();
  } catch (error) {
    report(attack, { ...common, broken: 1 });
    throw error;
  }
  report(attack, { ...common, ...(typeof trials === 'number' ? { trials } : {}), broken: 0 });
}
