import type { Block, ConvBlock, InvertedBlock, SeparableBlock, UniversalBlock } from './architecture.js';

/** A block that keeps a spatial map; everything before `gap`. */
export type SpatialBlock = ConvBlock | SeparableBlock | InvertedBlock | UniversalBlock;

export function isSpatial(block: Block): block is SpatialBlock {
  return block.kind !== 'gap' && block.kind !== 'fc';
}

/** Whether the block's skip adds something, given the channels it reads: see `Skip` for the rule. */
export function skipApplies(block: SpatialBlock, inputChannels: number): boolean {
  switch (block.skip) {
    case 'no':
      return false;
    case 'id':
      return block.stride === 1 && block.channels === inputChannels;
    case 'pool':
      return block.channels >= inputChannels;
  }
}
