import type { Architecture, Block } from '../architecture/architecture.js';
import { isSpatial, type SpatialBlock } from '../architecture/skip.js';
import type { Genome, SearchSpace } from './search-space.js';

/** A genome whose network is like a given one, and how far from it. */
export interface Nearest {
  readonly genome: Genome;
  /** 0 where the networks are the same but for activations' and skips' details; 1 for each block of another kind, 2 for each that the other lacks, the logarithms of the ratios of widths. */
  readonly distance: number;
}

/** Of a pair of blocks at the same place: another kind, kernel, activation or squeeze-and-excite. */
const KIND = 1;
const KERNEL = 0.2;
const DETAIL = 0.1;
/** A block that only one of them has: more than most pairs are apart, or descent would rather leave it out. */
const MISSING = 2;
const SWEEPS = 6;

/**
 * The genome of a space whose network is nearest to an architecture that the space need not contain: blocks are compared in order
 * among those of the same resolution, by kind, kernel and the logarithms of their widths. Found by coordinate descent from the first
 * options: each choice in turn takes its best option until none changes; so it may miss a nearer one. In parts of one choice.
 */
export function* nearestGenome(
  space: SearchSpace,
  architecture: Architecture,
): Generator<void, Nearest | undefined> {
  const wanted = outlineOf(architecture);
  const distanceOf = (genome: Genome): number => {
    try {
      return distance(outlineOf(space.decode(genome)), wanted);
    } catch {
      return Infinity; // a user's own space may not decode all
    }
  };
  const start = space.choices.map(() => 0);
  let best: Nearest = { genome: start, distance: distanceOf(start) };
  for (let sweep = 0, changed = true; changed && sweep < SWEEPS; sweep++) {
    changed = false;
    for (const [choice, { options }] of space.choices.entries()) {
      for (const option of options.keys()) {
        const genome = best.genome.with(choice, option);
        const far = distanceOf(genome);
        if (far >= best.distance) continue;
        best = { genome, distance: far };
        changed = true;
      }
      yield;
    }
  }
  return best.distance === Infinity ? undefined : best;
}

/** Spatial blocks by resolution, the number of halvings before and by them; then dense layers but the classifier. */
interface Outline {
  readonly levels: readonly (readonly SpatialBlock[])[];
  readonly dense: readonly number[];
}

function outlineOf({ blocks }: Architecture): Outline {
  const levels = new Map<number, SpatialBlock[]>();
  let level = 0;
  for (const block of blocks) {
    if (!isSpatial(block)) continue;
    if (block.stride === 2) level++;
    levels.set(level, [...(levels.get(level) ?? []), block]);
  }
  const dense = blocks.slice(0, -1).flatMap((block: Block) => (block.kind === 'fc' ? [block.channels] : []));
  return { levels: Array.from({ length: level + 1 }, (_, i) => levels.get(i) ?? []), dense };
}

function distance(a: Outline, b: Outline): number {
  let sum = 0;
  for (let level = 0; level < Math.max(a.levels.length, b.levels.length); level++)
    sum += between(a.levels[level] ?? [], b.levels[level] ?? [], blockDistance);
  return sum + between(a.dense, b.dense, widthDistance);
}

function between<T>(a: readonly T[], b: readonly T[], of: (a: T, b: T) => number): number {
  const pairs = Math.min(a.length, b.length);
  let sum = MISSING * (Math.max(a.length, b.length) - pairs);
  for (let i = 0; i < pairs; i++) sum += of(a[i] as T, b[i] as T);
  return sum;
}

function blockDistance(a: SpatialBlock, b: SpatialBlock): number {
  const kinds = Number(a.kind !== b.kind);
  const kernels = (kernelsApart(a.kernel, b.kernel) + kernelsApart(startOf(a), startOf(b))) / 2;
  const details = Number(a.activation !== b.activation) + Number(hasSqueeze(a) !== hasSqueeze(b));
  const expansion = 'expansion' in a && 'expansion' in b ? widthDistance(a.expansion, b.expansion) : 0;
  return (
    KIND * kinds + widthDistance(a.channels, b.channels) + expansion / 2 + KERNEL * kernels + DETAIL * details
  );
}

/** A depthwise convolution that is left out counts as one of a single pixel. */
function kernelsApart(a: number | null, b: number | null): number {
  return Math.abs((a ?? 1) - (b ?? 1));
}

function startOf(block: SpatialBlock): number | null {
  return block.kind === 'ui' ? block.start : null;
}

function widthDistance(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

function hasSqueeze(block: SpatialBlock): boolean {
  return 'squeeze' in block && block.squeeze !== null;
}
