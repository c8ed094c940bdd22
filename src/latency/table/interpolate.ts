import { nonNegativeLeastSquares, quantile } from '../../core/index.js';
import { patternOf, widthsOf } from './widths.js';
import { knownPiece, type Piece } from './key.js';
import { workOf } from './work.js';

/** Estimates pieces that a table has no line for. */
export interface Interpolation {
  /** ms, > 0 where the table's own times are. */
  estimate(key: string): number;
  /**
   * Of the table's own lines, evenly chosen ones where they are thousands of one pattern, each estimated without itself: what 95 % of the |ln estimate − ln time| do not exceed.
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
/** Neighbours that are asked in all when lines are estimated without themselves; fewer lines are where a pattern has thousands. */
const MOST_ASKED = 4e6;

/**
 * A sum of the work of a piece with non-negative weights, fitted to all lines for the least relative error; on top of it,
 * what lines of the same pattern (equal but for their widths) take more or less than that, weighted by how near their
 * widths are: for a width between two known ones, roughly the line between them.
 * @param floorMs times below it count as it, since they are mostly noise
 */
export function interpolation(lines: ReadonlyMap<string, number>, floorMs: number): Interpolation {
  const pieces = [...lines].map(([key, time]) => ({ piece: knownPiece(key), time: Math.max(time, floorMs) }));
  const works = pieces.map(({ piece }) => workOf(piece));
  const names = [...new Set(works.flatMap((work) => [...work.keys()]))].sort();
  const relative = works.map((work, i) =>
    names.map((name) => (work.get(name) ?? 0) / (pieces[i] as { time: number }).time),
  );
  const scales = names.map((_, at) => {
    const mean =
      relative.reduce((sum, row) => sum + (row[at] as number) ** 2, 0) / Math.max(1, relative.length);
    return Math.sqrt(mean) || 1;
  });
  const weights = nonNegativeLeastSquares(
    relative.map((row) => row.map((value, at) => value / (scales[at] as number))),
    relative.map(() => 1),
    RIDGE * Math.max(1, relative.length),
  );
  const rate = new Map(names.map((name, at) => [name, (weights[at] as number) / (scales[at] as number)]));
  const modelled = (piece: Piece): number => {
    let sum = 0;
    for (const [name, amount] of workOf(piece)) sum += amount * (rate.get(name) ?? 0);
    return Math.max(sum, floorMs);
  };

  const groups = new Map<string, Known[]>();
  for (const { piece, time } of pieces) {
    const pattern = patternOf(piece);
    const one = { widths: widthsOf(piece).map(Math.log), logResidual: Math.log(time / modelled(piece)) };
    const group = groups.get(pattern);
    if (group === undefined) groups.set(pattern, [one]);
    else group.push(one);
  }
  const estimateOf = (piece: Piece, without?: number): number => {
    const group = groups.get(patternOf(piece)) ?? [];
    return modelled(piece) * Math.exp(residual(widthsOf(piece).map(Math.log), group, without));
  };

  const seen = new Map<string, number>();
  const asked = [...groups.values()].reduce((sum, group) => sum + group.length ** 2, 0);
  const every = Math.max(1, Math.ceil(asked / MOST_ASKED));
  const misses = pieces.flatMap(({ piece, time }, at) => {
    const pattern = patternOf(piece);
    const index = seen.get(pattern) ?? 0;
    seen.set(pattern, index + 1);
    return at % every === 0 ? [Math.abs(Math.log(estimateOf(piece, index) / time))] : [];
  });
  return {
    estimate: (key) => estimateOf(knownPiece(key)),
    error: misses.length === 0 ? Infinity : quantile(misses, 0.95),
  };
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
