import { deepFreeze } from '../../core/index.js';
import type { Architecture } from './architecture.js';
import { isSpatial, skipApplies } from './skip.js';

/**
 * Blocks that may be left out, ascending: those whose input is added to their result unchanged, so that without them the
 * next block reads a map of the same shape.
 */
export function removableBlocks({ blocks, input }: Architecture): readonly number[] {
  const removable: number[] = [];
  let channels = input[2];
  for (const [index, block] of blocks.entries()) {
    if (!isSpatial(block)) break;
    if (index > 0 && block.skip === 'id' && skipApplies(block, channels)) removable.push(index);
    channels = block.channels;
  }
  return removable;
}

/**
 * The architecture without one of its {@link removableBlocks}; those behind it have an index less.
 * @throws RangeError for any other block
 */
export function withoutBlock(architecture: Architecture, index: number): Architecture {
  if (!removableBlocks(architecture).includes(index))
    throw new RangeError(`block ${index} adds its input to its result, or it cannot be removed`);
  return deepFreeze({ ...architecture, blocks: architecture.blocks.filter((_, at) => at !== index) });
}
