import { assertNever, deepFreeze } from '../core/index.js';
import {
  bottleneckGroups,
  layersOf,
  removableBlocks,
  withoutBlock,
  withBottleneck,
  withExpansion,
  type Architecture,
  type Block,
} from '../space/index.js';
import type { Dimension, DimensionKind } from './state-schema.js';

/** The same for the same place of a network, at any width. */
export function keyOf(dimension: Dimension): string {
  return `${dimension.kind}:${dimension.blocks.join(',')}`;
}

/** The proposals of MobileNetV3 §4.2. */
export const PAPER_KINDS: readonly DimensionKind[] = Object.freeze(['expansion', 'bottleneck']);

/**
 * What may shrink in an architecture, of these kinds: the expansion of every `ir` and `ui` block, then the output width of every
 * group of blocks tied by residual sums, hidden dense layers, squeezed widths, depthwise kernels, blocks that may be left out. The stem and the last convolution alone are
 * no bottleneck but kinds of their own.
 */
export function dimensionsOf(
  architecture: Architecture,
  kinds: readonly DimensionKind[] = PAPER_KINDS,
): readonly Dimension[] {
  const { blocks } = architecture;
  const dimensions: Dimension[] = [];
  for (const [index, block] of blocks.entries())
    if (block.kind === 'ir' || block.kind === 'ui')
      dimensions.push({ kind: 'expansion', blocks: [index], width: block.expansion });
  const lastSpatial = blocks.findIndex((block) => block.kind === 'gap') - 1;
  for (const group of bottleneckGroups(architecture)) {
    const only = group.blocks.length === 1 ? group.blocks[0] : undefined;
    const plain = only !== undefined && blocks[only]?.kind === 'cn';
    const kind = plain && only === lastSpatial ? 'features' : plain && only === 0 ? 'stem' : 'bottleneck';
    dimensions.push({ kind, blocks: group.blocks, width: group.channels });
  }
  for (const [index, block] of blocks.slice(0, -1).entries()) {
    if (block.kind === 'fc') dimensions.push({ kind: 'hidden', blocks: [index], width: block.channels });
    if ((block.kind === 'ir' || block.kind === 'ds') && block.squeeze !== null)
      dimensions.push({ kind: 'squeeze', blocks: [index], width: block.squeeze.channels });
  }
  for (const [index, block] of blocks.entries()) {
    const kernel = depthwiseKernel(block);
    if (kernel > 3) dimensions.push({ kind: 'kernel', blocks: [index], width: kernel });
  }
  // The last first: removing one leaves the indices of those before it.
  for (const index of removableBlocks(architecture).toReversed())
    dimensions.push({ kind: 'depth', blocks: [index], width: 1 });
  return deepFreeze(dimensions.filter(({ kind }) => kinds.includes(kind)));
}

/** The architecture with a dimension at another width; blocks tied by residual sums change together. */
export function withWidth(architecture: Architecture, dimension: Dimension, width: number): Architecture {
  const [first = -1] = dimension.blocks;
  switch (dimension.kind) {
    case 'expansion':
      return withExpansion(architecture, first, width);
    case 'bottleneck':
    case 'features':
    case 'stem':
      return withBottleneck(architecture, { blocks: dimension.blocks, channels: dimension.width }, width);
    case 'hidden':
      return withBlock(architecture, first, (block) =>
        block.kind === 'fc' ? { ...block, channels: width } : block,
      );
    case 'squeeze':
      return withBlock(architecture, first, (block) =>
        'squeeze' in block && block.squeeze !== null
          ? { ...block, squeeze: { ...block.squeeze, channels: width } }
          : block,
      );
    case 'kernel':
      return withBlock(architecture, first, (block) => withKernel(block, width));
    case 'depth':
      return width === 0 ? withoutBlock(architecture, first) : architecture;
    default:
      return assertNever(dimension.kind);
  }
}

/** Side of the larger depthwise kernel of a block; 0 where it has none. */
function depthwiseKernel(block: Block): number {
  if (block.kind === 'ir' || block.kind === 'ds') return block.kernel;
  return block.kind === 'ui' ? Math.max(block.start ?? 0, block.kernel ?? 0) : 0;
}

/** The block with no depthwise kernel larger than that. */
function withKernel(block: Block, side: number): Block {
  const least = (kernel: number | null): number | null => (kernel === null ? null : Math.min(kernel, side));
  if (block.kind === 'ir' || block.kind === 'ds') return { ...block, kernel: Math.min(block.kernel, side) };
  return block.kind === 'ui' ? { ...block, start: least(block.start), kernel: least(block.kernel) } : block;
}

function withBlock(architecture: Architecture, at: number, change: (block: Block) => Block): Architecture {
  const blocks = architecture.blocks.map((block, index) => (index === at ? change(block) : block));
  return deepFreeze({ ...architecture, blocks });
}

/**
 * The narrower widths to choose from, widest first: multiples of the granularity, at least one. A width that would
 * cost the network one of its skips is none (a pooled skip needs a block that does not narrow). Of a kernel the smaller
 * odd sides, of a block that may be left out 0.
 */
export function narrowerWidths(
  architecture: Architecture,
  dimension: Dimension,
  granularity: number,
): readonly number[] {
  if (dimension.kind === 'kernel') return smallerKernels(dimension.width);
  if (dimension.kind === 'depth') return [0];
  const widths: number[] = [];
  const widest = Math.ceil(dimension.width / granularity) - 1;
  for (let count = widest; count >= 1; count--) widths.push(count * granularity);
  const sums = sumsOf(architecture);
  const keepsSums = (width: number) => sumsOf(withWidth(architecture, dimension, width)) === sums;
  const narrowest = widths.at(-1);
  if (narrowest === undefined || keepsSums(narrowest)) return widths;
  return widths.filter(keepsSums);
}

/** Odd sides from 3 on, the largest first. */
function smallerKernels(side: number): readonly number[] {
  const sides: number[] = [];
  for (let smaller = side - 2; smaller >= 3; smaller -= 2) sides.push(smaller);
  return sides;
}

function sumsOf(architecture: Architecture): number {
  return layersOf(architecture).filter((layer) => layer.op === 'add').length;
}
