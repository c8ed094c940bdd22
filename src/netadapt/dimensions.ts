import { assertNever, deepFreeze } from '../core/index.js';
import {
  bottleneckGroups,
  layersOf,
  withBottleneck,
  withExpansion,
  type Architecture,
} from '../space/index.js';
import type { Dimension } from './state-schema.js';

/** The same for the same place of a network, at any width. */
export function keyOf(dimension: Dimension): string {
  return `${dimension.kind}:${dimension.blocks.join(',')}`;
}

/**
 * What may shrink in an architecture: the expansion of every `ir` and `ui` block, then the output width of every group of
 * blocks tied by residual sums. The stem and the last convolution alone are no bottleneck; with `head` the last
 * convolution and hidden dense layers are offered too.
 */
export function dimensionsOf(architecture: Architecture, head = false): readonly Dimension[] {
  const { blocks } = architecture;
  const dimensions: Dimension[] = [];
  for (const [index, block] of blocks.entries())
    if (block.kind === 'ir' || block.kind === 'ui')
      dimensions.push({ kind: 'expansion', blocks: [index], width: block.expansion });
  const lastSpatial = blocks.findIndex((block) => block.kind === 'gap') - 1;
  for (const group of bottleneckGroups(architecture)) {
    const only = group.blocks.length === 1 ? group.blocks[0] : undefined;
    const plain = only !== undefined && blocks[only]?.kind === 'cn';
    if (plain && only === lastSpatial) {
      if (head) dimensions.push({ kind: 'features', blocks: group.blocks, width: group.channels });
    } else if (!(plain && only === 0))
      dimensions.push({ kind: 'bottleneck', blocks: group.blocks, width: group.channels });
  }
  if (head)
    for (const [index, block] of blocks.slice(0, -1).entries())
      if (block.kind === 'fc') dimensions.push({ kind: 'hidden', blocks: [index], width: block.channels });
  return deepFreeze(dimensions);
}

/** The architecture with a dimension at another width; blocks tied by residual sums change together. */
export function withWidth(architecture: Architecture, dimension: Dimension, width: number): Architecture {
  const [first = -1] = dimension.blocks;
  switch (dimension.kind) {
    case 'expansion':
      return withExpansion(architecture, first, width);
    case 'bottleneck':
    case 'features':
      return withBottleneck(architecture, { blocks: dimension.blocks, channels: dimension.width }, width);
    case 'hidden':
      return deepFreeze({
        ...architecture,
        blocks: architecture.blocks.map((block, index) =>
          index === first && block.kind === 'fc' ? { ...block, channels: width } : block,
        ),
      });
    default:
      return assertNever(dimension.kind);
  }
}

/**
 * The narrower widths to choose from, widest first: multiples of the granularity, at least one. A width that would
 * cost the network one of its skips is none (a pooled skip needs a block that does not narrow).
 */
export function narrowerWidths(
  architecture: Architecture,
  dimension: Dimension,
  granularity: number,
): readonly number[] {
  const widths: number[] = [];
  const widest = Math.ceil(dimension.width / granularity) - 1;
  for (let count = widest; count >= 1; count--) widths.push(count * granularity);
  const sums = sumsOf(architecture);
  const keepsSums = (width: number) => sumsOf(withWidth(architecture, dimension, width)) === sums;
  const narrowest = widths.at(-1);
  if (narrowest === undefined || keepsSums(narrowest)) return widths;
  return widths.filter(keepsSums);
}

function sumsOf(architecture: Architecture): number {
  return layersOf(architecture).filter((layer) => layer.op === 'add').length;
}
