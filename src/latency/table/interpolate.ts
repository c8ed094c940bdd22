import { nonNegativeLeastSquares, quantile } from '../../core/index.js';
import { widthsOf } from './build/widths.js';
import { knownSegment, type Segment } from './key.js';
import { workOf } from './work.js';

/** Estimates segments that a table has no line for. */
export interface Interpolation {
  /** ms, > 0 where the table's own times are. */
  estimate(key: string): number;
  /**
   * Of the table's own lines, evenly chosen ones where they are many thousands, each estimated without itself: what 95 % of the |ln estimate − ln time| do not exceed.
   */
  readonly error: number;
}

interface Known {
  readonly widths: readonly number[];
  readonly logResidual: number;
}

const RIDGE = 1e-4;
/** Neighbours that are asked, and the weight of none of them being like it. */
const NEIGHBOURS = 6;
const DOUBT = 0.3;
/** Lines that the sum of work is fitted to; of more, evenly chosen ones (`bench/latency/foreign-fit.mjs`: as good as all). */
const MOST_FITTED = 10_000;
/** Neighbours that are asked in all when lines are estimated without themselves; fewer lines are where a pattern has thousands. */
const MOST_ASKED = 4e6;

/**
 * A sum of the work of a segment with non-negative weights, fitted to all lines for the least relative error; on top of it,
 * what lines of the same pattern (equal but for their widths) take more or less than that, weighted by how near their
 * widths are: for a width between two known ones, roughly the line between them.
 * @param floorMs times below it count as it, since they are mostly noise
 * @param mostFitted lines that the sum is fitted to at most
 */
export function interpolation(
  lines: ReadonlyMap<string, number>,
  floorMs: number,
  mostFitted = MOST_FITTED,
): Interpolation {
  const all = [...lines].map(([key, time]): Line => ({ key, time: Math.max(time, floorMs) }));
  const rate = ratesOf(evenly(all, mostFitted));
  const modelled = (segment: Segment): number => {
    let sum = 0;
    for (const [name, amount] of workOf(segment)) sum += amount * (rate.get(name) ?? 0);
    return Math.max(sum, floorMs);
  };

  const patterns = new Map<string, Line[]>();
  for (const line of all) {
    const pattern = patternOfKey(line.key);
    const group = patterns.get(pattern);
    if (group === undefined) patterns.set(pattern, [line]);
    else group.push(line);
  }
  const known = new Map<string, readonly Known[]>();
  /** Read when first asked for: a large table has thousands of patterns that no network of a study has. */
  const groupOf = (pattern: string): readonly Known[] => {
    let group = known.get(pattern);
    if (group === undefined) {
      group = (patterns.get(pattern) ?? []).map(({ key, time }): Known => {
        const segment = knownSegment(key);
        const sum = modelled(segment);
        return { widths: widthsOf(segment).map(Math.log), logResidual: Math.log(time / sum) };
      });
      known.set(pattern, group);
    }
    return group;
  };

  let error: number | undefined;
  return {
    estimate(key) {
      const segment = knownSegment(key);
      const group = groupOf(patternOfKey(key));
      return modelled(segment) * Math.exp(residual(widthsOf(segment).map(Math.log), group));
    },
    get error() {
      const share = Math.min(1, MOST_FITTED / Math.max(1, all.length));
      return (error ??= errorOf(evenly([...patterns.keys()], Math.ceil(patterns.size * share)).map(groupOf)));
    },
  };
}

interface Line {
  readonly key: string;
  readonly time: number;
}

/** What so much work of each kind takes, ms, by a fit to some lines. */
function ratesOf(lines: readonly Line[]): ReadonlyMap<string, number> {
  const works = lines.map(({ key }) => workOf(knownSegment(key)));
  const names = [...new Set(works.flatMap((work) => [...work.keys()]))].sort();
  const rows = works.map((work, i) => names.map((name) => (work.get(name) ?? 0) / (lines[i] as Line).time));
  const scales = names.map((_, at) => {
    const mean = rows.reduce((sum, row) => sum + (row[at] as number) ** 2, 0) / Math.max(1, rows.length);
    return Math.sqrt(mean) || 1;
  });
  for (const row of rows)
    for (let at = 0; at < row.length; at++) row[at] = (row[at] as number) / (scales[at] as number);
  const weights = nonNegativeLeastSquares(
    rows,
    rows.map(() => 1),
    RIDGE * Math.max(1, rows.length),
  );
  return new Map(names.map((name, at) => [name, (weights[at] as number) / (scales[at] as number)]));
}

function errorOf(groups: readonly (readonly Known[])[]): number {
  const asked = groups.reduce((sum, group) => sum + group.length ** 2, 0);
  const every = Math.max(1, Math.ceil(asked / MOST_ASKED));
  let at = 0;
  const misses = groups.flatMap((group) =>
    group.flatMap(({ widths, logResidual }, index) =>
      at++ % every === 0 ? [Math.abs(residual(widths, group, index) - logResidual)] : [],
    ),
  );
  return misses.length === 0 ? Infinity : quantile(misses, 0.95);
}

/** At most `count` of a list, from the first. */
function evenly<T>(list: readonly T[], most: number): readonly T[] {
  const every = Math.max(1, Math.ceil(list.length / Math.max(1, most)));
  return every === 1 ? list : list.filter((_, at) => at % every === 0);
}

/** As `patternOf` of its segment, without reading the segment: the key without its widths. */
function patternOfKey(key: string): string {
  return key.replace(/^(\d+x\d+)x\d+/, '$1').replaceAll(/:\d+/g, '');
}

/** @param without index of a line of the group that is not asked */
function residual(widths: readonly number[], group: readonly Known[], without?: number): number {
  // Nearest first; of equally near ones, the first in the table.
  const near: { readonly one: Known; readonly distance: number }[] = [];
  for (const [index, one] of group.entries()) {
    if (index === without) continue;
    let distance = 0;
    for (let i = 0; i < widths.length; i++)
      distance += ((one.widths[i] as number) - (widths[i] as number)) ** 2;
    if (near.length === NEIGHBOURS && distance >= (near[NEIGHBOURS - 1]?.distance ?? 0)) continue;
    const place = near.findIndex((other) => other.distance > distance);
    near.splice(place < 0 ? near.length : place, 0, { one, distance });
    if (near.length > NEIGHBOURS) near.pop();
  }
  let total = DOUBT;
  let sum = 0;
  for (const { one, distance } of near) {
    const weight = 1 / (distance + 0.02);
    total += weight;
    sum += weight * one.logResidual;
  }
  return sum / total;
}
