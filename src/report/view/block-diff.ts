import type { Architecture, Block } from '../../space/index.js';
import {
  activationOf,
  blockRows,
  expansionOf,
  skipOf,
  squeezeOf,
  universalKernels,
  type BlockRow,
} from './block-rows.js';

/** A block of one network next to the one of the other that it corresponds to; one of both may be missing. */
export interface BlockPair {
  readonly a: BlockRow | null;
  readonly b: BlockRow | null;
  /** What differs between both, by name; empty where they are the same, even if their inputs differ. */
  readonly differences: readonly BlockDifference[];
}

export interface BlockDifference {
  readonly what: 'kind' | 'kernel' | 'stride' | 'expansion' | 'channels' | 'SE' | 'activation' | 'skip';
  readonly a: string;
  readonly b: string;
}

/** A block without a partner costs as much as one with this number of differences. */
const GAP = 2;

/**
 * The blocks of two networks side by side. Blocks correspond so that the fewest properties differ in all, in order
 * (Needleman & Wunsch 1970); a block more in one of them stands alone.
 */
export function blockPairs(a: Architecture, b: Architecture): readonly BlockPair[] {
  const [left, right] = [blockRows(a), blockRows(b)];
  const columns = right.length + 1;
  const cost = new Float64Array((left.length + 1) * columns);
  const at = (i: number, j: number): number => cost[i * columns + j] ?? Infinity;
  const apart = left.map((one) => right.map((other) => distance(one, other)));
  for (let i = 0; i <= left.length; i++)
    for (let j = 0; j <= right.length; j++) {
      if (i === 0 && j === 0) continue;
      const both = i > 0 && j > 0 ? at(i - 1, j - 1) + (apart[i - 1]?.[j - 1] ?? Infinity) : Infinity;
      const aAlone = i > 0 ? at(i - 1, j) + GAP : Infinity;
      const bAlone = j > 0 ? at(i, j - 1) + GAP : Infinity;
      cost[i * columns + j] = Math.min(both, aAlone, bAlone);
    }
  const pairs: BlockPair[] = [];
  for (let i = left.length, j = right.length; i > 0 || j > 0;) {
    const one = left[i - 1];
    const other = right[j - 1];
    if (one && other && at(i, j) === at(i - 1, j - 1) + (apart[i - 1]?.[j - 1] ?? Infinity)) {
      pairs.push({ a: one, b: other, differences: differencesOf(one, other) });
      i--;
      j--;
    } else if (one && (j === 0 || at(i, j) === at(i - 1, j) + GAP)) {
      pairs.push({ a: one, b: null, differences: [] });
      i--;
    } else {
      pairs.push({ a: null, b: other ?? null, differences: [] });
      j--;
    }
  }
  return pairs.reverse();
}

/** How many properties differ; another kind of block, or another resolution, counts more than any of them. */
function distance(one: BlockRow, other: BlockRow): number {
  const [a, b] = [one.block, other.block];
  if ((a.kind === 'gap') !== (b.kind === 'gap')) return Infinity;
  const elsewhere = one.out[0] === other.out[0] ? 0 : 3;
  if (a.kind !== b.kind) return elsewhere + 3;
  const theirs = properties(b);
  const differing = properties(a).filter(([, value], index) => theirs[index]?.[1] !== value);
  return elsewhere + 0.5 * differing.length;
}

type Property = readonly [Exclude<BlockDifference['what'], 'kind' | 'skip'>, string];

function properties(block: Block): readonly Property[] {
  if (block.kind === 'gap') return [];
  const spatial: readonly Property[] =
    block.kind === 'fc'
      ? []
      : [
          ['kernel', block.kind === 'ui' ? universalKernels(block) : `${block.kernel}×${block.kernel}`],
          ['stride', String(block.stride)],
        ];
  const squeeze = squeezeOf(block);
  return [
    ...spatial,
    ['expansion', String(expansionOf(block) ?? '–')],
    ['channels', String(block.channels)],
    ['SE', squeeze === null ? 'none' : `${squeeze}${gateOf(block) === 'sig' ? ' sig' : ''}`],
    ['activation', activationText(block)],
  ];
}

function gateOf(block: Block): string | null {
  return (block.kind === 'ir' || block.kind === 'ds') && block.squeeze ? block.squeeze.gate : null;
}

function activationText(block: Block): string {
  const own = activationOf(block) ?? '–';
  if (block.kind !== 'ds' || block.pointwise === 'id') return own;
  return `${own}, then ${activationOf({ ...block, activation: block.pointwise }) ?? '–'}`;
}

function differencesOf(a: BlockRow, b: BlockRow): readonly BlockDifference[] {
  const kinds = a.block.kind === b.block.kind ? [] : [['kind', a.block.kind, b.block.kind] as const];
  const [ours, theirs] = [new Map(properties(a.block)), new Map(properties(b.block))];
  const names = [...new Set([...ours.keys(), ...theirs.keys()])];
  const found = [
    ...kinds,
    ...names.map((name) => [name, ours.get(name) ?? '–', theirs.get(name) ?? '–'] as const),
    ['skip', skipOf(a) ?? 'none', skipOf(b) ?? 'none'] as const,
  ];
  return found.flatMap(([what, one, other]) => (one === other ? [] : [{ what, a: one, b: other }]));
}
