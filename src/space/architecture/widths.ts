import { NasError, deepFreeze } from '../../core/index.js';
import type { Architecture, Block, SqueezeExcite } from './architecture.js';
import { LIMITS } from './limits.js';
import { divisible8, nearest8 } from './rounding.js';
import { isSpatial, skipApplies, type SpatialBlock } from './skip.js';

/** Blocks whose outputs are added to one another and therefore share one width (MobileNetV3 §4.2, proposal ii). */
export interface BottleneckGroup {
  /** Indices of blocks, ascending. */
  readonly blocks: readonly number[];
  readonly channels: number;
}

/**
 * All spatial blocks in groups that share their output width through residual connections; a block whose output
 * is added to nothing forms its own group. In order of their first block.
 */
export function bottleneckGroups(architecture: Architecture): readonly BottleneckGroup[] {
  const groups: number[][] = [];
  for (const { block, index, input } of spatialBlocks(architecture)) {
    const last = groups.at(-1);
    if (last && index > 0 && isTied(block, input)) last.push(index);
    else groups.push([index]);
  }
  return deepFreeze(
    groups.map((blocks) => ({ blocks, channels: spatialAt(architecture, blocks[0] ?? -1).channels })),
  );
}

/**
 * The architecture with another expansion in one `ir` or `ui` block. A squeezed width that was a quarter of the expansion,
 * divisible by 8, stays so; any other is scaled with the expansion.
 * @throws NasError `NAS_BAD_WIDTH` unless it is a whole number from 1 to 16384
 */
export function withExpansion(architecture: Architecture, block: number, expansion: number): Architecture {
  checkWidth(expansion);
  const old = spatialAt(architecture, block);
  if (old.kind === 'ui') return replace(architecture, new Map([[block, { ...old, expansion }]]));
  if (old.kind !== 'ir') throw new RangeError(`block ${block} has no expansion`);
  const squeeze = squeezeFor(old.squeeze, old.expansion, expansion);
  return replace(architecture, new Map([[block, { ...old, expansion, squeeze }]]));
}

/**
 * The architecture with another output width in all blocks of a group of {@link bottleneckGroups}. Expansions are
 * absolute and stay. A `ds` block behind the group reads that width, so its squeezed width follows as in
 * {@link withExpansion}. No skip comes into being by widths that happen to agree; a pooled skip whose block gets
 * narrower than its input is lost.
 * @throws NasError `NAS_BAD_WIDTH` unless it is a whole number from 1 to 16384
 */
export function withBottleneck(
  architecture: Architecture,
  group: BottleneckGroup,
  channels: number,
): Architecture {
  checkWidth(channels);
  const changed = new Map<number, SpatialBlock>(
    group.blocks.map((index) => [index, { ...spatialAt(architecture, index), channels }]),
  );
  for (const { block, index, input } of spatialBlocks(architecture)) {
    const read = index === 0 ? input : (changed.get(index - 1)?.channels ?? input);
    let fitted = changed.get(index) ?? block;
    if (fitted.kind === 'ds' && read !== input)
      fitted = { ...fitted, squeeze: squeezeFor(fitted.squeeze, input, read) };
    if (!skipApplies(block, input) && skipApplies(fitted, read)) fitted = { ...fitted, skip: 'no' };
    if (fitted !== block) changed.set(index, fitted);
  }
  return replace(architecture, changed);
}

function* spatialBlocks(architecture: Architecture) {
  let input = architecture.input[2];
  for (const [index, block] of architecture.blocks.entries()) {
    if (!isSpatial(block)) return;
    yield { block, index, input };
    input = block.channels;
  }
}

/** Whether the block's output has its input's width because the two are added. */
function isTied(block: SpatialBlock, input: number): boolean {
  return skipApplies(block, input) && block.channels === input;
}

function spatialAt(architecture: Architecture, index: number): SpatialBlock {
  const block = architecture.blocks[index];
  if (block === undefined || !isSpatial(block)) throw new RangeError(`block ${index} has no width to change`);
  return block;
}

function squeezeFor(squeeze: SqueezeExcite | null, before: number, after: number): SqueezeExcite | null {
  if (squeeze === null) return null;
  const quarter = squeeze.channels === divisible8(before / 4);
  const channels = quarter
    ? divisible8(after / 4)
    : Math.max(1, Math.round((squeeze.channels * after) / before));
  return { ...squeeze, channels };
}

function replace(architecture: Architecture, changed: ReadonlyMap<number, Block>): Architecture {
  const blocks = architecture.blocks.map((block, index) => changed.get(index) ?? block);
  return deepFreeze({ ...architecture, blocks });
}

function checkWidth(width: number): void {
  if (Number.isInteger(width) && width >= 1 && width <= LIMITS.width) return;
  throw new NasError({
    code: 'NAS_BAD_WIDTH',
    found: `width ${width}`,
    expected: `a whole number from 1 to ${LIMITS.width}`,
  });
}

/**
 * The architecture with every width multiplied, the picture's channels and the classes excepted: a uniform width multiplier
 * (MobileNets, 1704.04861 §3.3) for any network. Widths divisible by 8 stay so. No skip comes into being by widths that
 * happen to agree.
 * @param factor > 0
 * @throws NasError `NAS_BAD_WIDTH` where a width leaves 1 to 16384
 */
export function withWidth(architecture: Architecture, factor: number): Architecture {
  const scaled = (width: number): number => {
    const wanted = width * factor;
    const rounded = width % 8 === 0 ? nearest8(wanted) : Math.max(1, Math.round(wanted));
    checkWidth(rounded);
    return rounded;
  };
  const classifier = architecture.blocks.length - 1;
  const [, , channels] = architecture.input;
  let [input, scaledInput] = [channels, channels];
  const blocks = architecture.blocks.map((block, index): Block => {
    if (block.kind === 'gap' || index === classifier) return block;
    if (block.kind === 'fc') return { ...block, channels: scaled(block.channels) };
    let wider: SpatialBlock = { ...block, channels: scaled(block.channels) };
    if (wider.kind === 'ui') wider = { ...wider, expansion: scaled(wider.expansion) };
    else if (wider.kind === 'ir') {
      const expansion = scaled(wider.expansion);
      wider = { ...wider, expansion, squeeze: squeezeFor(wider.squeeze, wider.expansion, expansion) };
    } else if (wider.kind === 'ds')
      wider = { ...wider, squeeze: squeezeFor(wider.squeeze, input, scaledInput) };
    if (!skipApplies(block, input) && skipApplies(wider, scaledInput)) wider = { ...wider, skip: 'no' };
    [input, scaledInput] = [block.channels, wider.channels];
    return wider;
  });
  return deepFreeze({ ...architecture, blocks });
}

/** The architecture for another number of classes. */
export function withClasses(architecture: Architecture, classes: number): Architecture {
  const last = architecture.blocks.length - 1;
  return deepFreeze({
    ...architecture,
    blocks: architecture.blocks.map((block, index) =>
      index === last && block.kind === 'fc' ? { ...block, channels: classes } : block,
    ),
  });
}
