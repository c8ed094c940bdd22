import { assertNever } from '../../core/index.js';
import {
  layersOf,
  type Activation,
  type Architecture,
  type Block,
  type Layer,
  type SqueezeExcite,
} from '../../space/index.js';
import { universalKernels } from './block-rows.js';
import type { BlockView } from './view.js';

const ACTIVATION_NAMES: Readonly<Record<Activation, string>> = {
  re: 'ReLU',
  r6: 'ReLU6',
  hs: 'h-swish',
  id: 'linear',
};

/** An architecture block by block, with shapes and costs. */
export function blockViews(architecture: Architecture): readonly BlockView[] {
  const layers = layersOf(architecture);
  let input: readonly number[] = architecture.input;
  return architecture.blocks.map((block, index) => {
    const own = layers.filter((layer) => layer.block === index);
    const output = own.at(-1)?.out ?? input;
    const view: BlockView = {
      name: String(index),
      kind: kindOf(block),
      details: detailsOf(block, own),
      input,
      output,
      params: sum(own, (layer) => layer.params),
      madds: sum(own, (layer) => layer.madds),
    };
    input = output;
    return view;
  });
}

function kindOf(block: Block): string {
  switch (block.kind) {
    case 'cn':
      return `conv ${block.kernel}×${block.kernel}`;
    case 'ds':
      return `separable ${block.kernel}×${block.kernel}`;
    case 'ir':
      return `bottleneck ${block.kernel}×${block.kernel}`;
    case 'ui':
      return `universal bottleneck ${universalKernels(block)}`;
    case 'gap':
      return 'average pooling';
    case 'fc':
      return 'dense';
    default:
      return assertNever(block);
  }
}

function detailsOf(block: Block, layers: readonly Layer[]): readonly string[] {
  if (block.kind === 'gap') return [];
  const activation = ACTIVATION_NAMES[block.activation];
  if (block.kind === 'fc') return [...(block.norm ? ['normalised'] : []), activation];
  return [
    ...(block.stride > 1 ? [`stride ${block.stride}`] : []),
    ...(block.kind === 'ir' || block.kind === 'ui' ? [`expansion ${block.expansion}`] : []),
    activation,
    ...(block.kind === 'cn' || block.kind === 'ui' ? [] : squeezeOf(block.squeeze)),
    ...(layers.some((layer) => layer.op === 'add') ? [block.skip === 'pool' ? 'pooled skip' : 'skip'] : []),
  ];
}

function squeezeOf(squeeze: SqueezeExcite | null): readonly string[] {
  return squeeze === null ? [] : [`squeeze-and-excite ${squeeze.channels}`];
}

function sum(layers: readonly Layer[], of: (layer: Layer) => number): number {
  return layers.reduce((total, layer) => total + of(layer), 0);
}
