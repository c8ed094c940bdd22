import { mean, standardDeviation } from '../../core/index.js';
import type { Tried } from './table-search.js';
import type { BenchmarkTable, Entry } from './table.js';

/** Mean regret in points with the 95 % interval of the mean; the interval is null for a single value. */
export interface Regret {
  readonly regret: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** What there is to be found within a target; regrets in points. */
export interface Goal {
  readonly targetMs: number;
  readonly networks: number;
  /** Final accuracy of the best network, in %. */
  readonly best: number;
  /** Regret of a perfect optimiser of the short accuracy. */
  readonly oracle: number;
}

/** Undefined where no network meets the target. */
export function goalWithin(table: BenchmarkTable, targetMs: number): Goal | undefined {
  const within = table.entries.filter(({ latencyMs }) => latencyMs <= targetMs);
  const [first] = within;
  if (first === undefined) return undefined;
  const best = within.reduce((most, { final }) => Math.max(most, final), 0);
  return { targetMs, networks: within.length, best, oracle: best - mostAccurate(within).final };
}

/**
 * What a search returns: the network its strategy takes for the most accurate, else the one of the highest short accuracy. With
 * more than one finalist: of that number that come first by this, the one of the highest final accuracy, as if each had been trained
 * to the end.
 */
export function returnedOf({ entries, strategy }: Tried, finalists: number): Entry {
  const estimates =
    strategy.estimates?.(entries.map(({ genome }) => genome)) ?? entries.map(({ short }) => short);
  const order = [...entries.keys()].sort((a, b) => (estimates[b] ?? 0) - (estimates[a] ?? 0));
  const last = order.slice(0, finalists).map((i) => entries[i] as Entry);
  return last.reduce((best, entry) => (entry.final > best.final ? entry : best));
}

/** The first of the highest short accuracy. */
export function mostAccurate(entries: readonly Entry[]): Entry {
  return entries.reduce((best, entry) => (entry.short > best.short ? entry : best));
}

/** Student's interval over the values, cut at 0: no regret is below it. */
export function regretOf(values: readonly number[]): Regret {
  const regret = mean(values);
  if (values.length < 2) return { regret, low: null, high: null };
  const half = (studentAt(values.length - 1) * standardDeviation(values)) / Math.sqrt(values.length);
  return { regret, low: Math.max(0, regret - half), high: regret + half };
}

/** Student's t of a two-sided 95 % interval: tabulated to four degrees of freedom, then Fisher's expansion (Abramowitz 26.7.5). */
function studentAt(freedom: number): number {
  const exact = [12.706, 4.303, 3.182, 2.776][freedom - 1];
  if (exact !== undefined) return exact;
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / freedom + second / freedom ** 2 + third / freedom ** 3;
}
