import { assertNever } from '../../core/index.js';
import {
  layersOf,
  type Activation,
  type Architecture,
  type Block,
  type Layer,
  type Shape,
  type UniversalBlock,
} from '../../space/index.js';

/** A block of a network with what it makes of its input, and what it costs. */
export interface BlockRow {
  /** From 0, in the order of the text form. */
  readonly index: number;
  readonly block: Block;
  readonly in: Shape;
  readonly out: Shape;
  readonly params: number;
  readonly madds: number;
  /** Whether its input is added to its output. */
  readonly adds: boolean;
}

/** The blocks of a network in order, with shapes and costs. */
export function blockRows(architecture: Architecture): readonly BlockRow[] {
  const byBlock = groupByBlock(layersOf(architecture));
  let input: Shape = architecture.input;
  return architecture.blocks.map((block, index) => {
    const layers = byBlock.get(index) ?? [];
    const out = layers.at(-1)?.out ?? input;
    const row: BlockRow = {
      index,
      block,
      in: input,
      out,
      params: layers.reduce((sum, layer) => sum + layer.params, 0),
      madds: layers.reduce((sum, layer) => sum + layer.madds, 0),
      adds: layers.some((layer) => layer.op === 'add'),
    };
    input = out;
    return row;
  });
}

/** `bneck 3×3 /2`: kind, kernel, stride. */
export function operationOf(block: Block): string {
  switch (block.kind) {
    case 'cn':
      return `conv ${block.kernel}×${block.kernel}${strideOf(block.stride)}`;
    case 'ds':
      return `dwsep ${block.kernel}×${block.kernel}${strideOf(block.stride)}`;
    case 'ir':
      return `bneck ${block.kernel}×${block.kernel}${strideOf(block.stride)}`;
    case 'ui':
      return `uib ${universalKernels(block)}${strideOf(block.stride)}`;
    case 'gap':
      return 'pool';
    case 'fc':
      return 'dense';
    default:
      return assertNever(block);
  }
}

/** `5×5+3×3`: the depthwise convolutions before and after a universal bottleneck's expansion; `–` for one left out. */
export function universalKernels({ start, kernel }: UniversalBlock): string {
  return [start, kernel].map((side) => (side === null ? '–' : `${side}×${side}`)).join('+');
}

/** Channels of the widened part of a bottleneck; null of other blocks. */
export function expansionOf(block: Block): number | null {
  return block.kind === 'ir' || block.kind === 'ui' ? block.expansion : null;
}

/** Channels of squeeze-and-excite; null without. */
export function squeezeOf(block: Block): number | null {
  return (block.kind === 'ir' || block.kind === 'ds') && block.squeeze ? block.squeeze.channels : null;
}

/** Name of the activation; null of a block that has none. */
export function activationOf(block: Block): string | null {
  return block.kind === 'gap' ? null : ACTIVATION_NAMES[block.activation];
}

/** `+` or `pool` where the input is added to the output; null where it is not. */
export function skipOf({ block, adds }: Pick<BlockRow, 'block' | 'adds'>): string | null {
  if (!adds || block.kind === 'gap' || block.kind === 'fc') return null;
  return block.skip === 'pool' ? 'pool' : '+';
}

/** `28×28×16`; behind the pooling only the channels. */
export function shapeText([height, width, channels]: Shape): string {
  return height === 1 && width === 1 ? String(channels) : `${height}×${width}×${channels}`;
}

const ACTIVATION_NAMES: Readonly<Record<Activation, string>> = {
  re: 'ReLU',
  r6: 'ReLU6',
  hs: 'h-swish',
  id: 'linear',
};

function strideOf(stride: number): string {
  return stride === 1 ? '' : ` /${stride}`;
}

function groupByBlock(layers: readonly Layer[]): Map<number, Layer[]> {
  const groups = new Map<number, Layer[]>();
  for (const layer of layers) groups.set(layer.block, [...(groups.get(layer.block) ?? []), layer]);
  return groups;
}
