import { NasError } from '../core/index.js';
import {
  bottleneckGroups,
  withBottleneck,
  withExpansion,
  type Architecture,
  type Block,
} from '../space/index.js';

/**
 * The architecture without the 1×1 convolution that widens its last map for the classifier, so that C5 is what that
 * convolution read.
 * @throws NasError `NAS_NO_LAST_EXPANSION` where no such convolution stands in front of the pooling
 */
export function withoutLastExpansion(architecture: Architecture): Architecture {
  const { blocks } = architecture;
  const at = lastSpatial(blocks);
  const block = blocks[at];
  const before = blocks[at - 1];
  const widens =
    block?.kind === 'cn' &&
    block.kernel === 1 &&
    block.stride === 1 &&
    before !== undefined &&
    widthOf(before) < block.channels;
  if (widens)
    return Object.freeze({ ...architecture, blocks: Object.freeze(blocks.filter((_, i) => i !== at)) });
  throw new NasError({
    code: 'NAS_NO_LAST_EXPANSION',
    found: 'no 1×1 convolution widens the last map of this network',
    expected: 'one in front of the pooling, as MobileNets have',
    fix: 'leave --last-stage out: C5 is the last block as it stands',
  });
}

/**
 * The architecture with half the channels in every block behind C4, as in MobileNetV3's detection variant (arXiv 1905.02244
 * §6.3; `_reduce_consecutive_layers` of its released code): results are halved, and with them the expansions of blocks that
 * read a halved map; the block that halves the map's size keeps its expansion.
 */
export function withHalfLastStage(architecture: Architecture): Architecture {
  const first = lastStrided(architecture.blocks);
  const last = lastSpatial(architecture.blocks);
  let halved = architecture;
  for (const { blocks, channels } of bottleneckGroups(architecture)) {
    const within = blocks.filter((index) => index >= first && index <= last);
    if (within.length > 0) halved = withBottleneck(halved, { blocks: within, channels }, half(channels));
  }
  for (const [index, block] of architecture.blocks.entries())
    if (index > first && index <= last && (block.kind === 'ir' || block.kind === 'ui'))
      halved = withExpansion(halved, index, half(block.expansion));
  return halved;
}

function half(width: number): number {
  return Math.max(1, Math.round(width / 2));
}

function lastSpatial(blocks: readonly Block[]): number {
  return blocks.findLastIndex(({ kind }) => kind !== 'gap' && kind !== 'fc');
}

function lastStrided(blocks: readonly Block[]): number {
  return blocks.findLastIndex((block) => 'stride' in block && block.stride === 2);
}

function widthOf(block: Block): number {
  return block.kind === 'gap' ? 0 : block.channels;
}
