import { assertNever, formatCount } from '../core/index.js';
import {
  classesOf,
  layersOf,
  maddsOf,
  paramsOf,
  type Activation,
  type Architecture,
  type ArchitectureDescription,
  type Block,
  type Layer,
  type LayerDescription,
  type Shape,
} from '../space/index.js';
import { bar } from './bars.js';
import { line, type Style } from './style.js';
import { table, type Column } from './table.js';
import { neutral } from './text.js';

const ACTIVATION_NAMES: Readonly<Record<Activation, string>> = {
  re: 'ReLU',
  r6: 'ReLU6',
  hs: 'h-swish',
  id: 'linear',
};

interface BlockRow {
  readonly index: number;
  readonly block: Block;
  readonly in: Shape;
  readonly out: Shape;
  readonly params: number;
  readonly madds: number;
  readonly adds: boolean;
}

/**
 * A network block by block, as the papers' tables have it: operation, expansion, squeeze-and-excite, activation,
 * shapes, costs, and a bar of its share of the multiply-adds (the costliest block fills it).
 */
export function architecturePicture(architecture: Architecture, style: Style): string {
  const rows = blockRows(architecture);
  const most = Math.max(1, ...rows.map((row) => row.madds));
  const total = Math.max(1, maddsOf(architecture));
  const room = style.width < 100 ? 9 : 18;
  const columns: readonly Column<BlockRow>[] = [
    { title: '#', value: (row) => row.index },
    { title: 'block', value: (row) => operationOf(row.block) },
    { title: 'exp', value: ({ block }) => (block.kind === 'ir' ? block.expansion : ''), align: 'right' },
    { title: 'SE', value: ({ block }) => squeezeOf(block), align: 'right' },
    { title: 'act', value: ({ block }) => activationOf(block) },
    { title: 'skip', value: skipOf },
    { title: 'in', value: (row) => shapeText(row.in), align: 'right', optional: 3 },
    { title: 'out', value: (row) => shapeText(row.out), align: 'right' },
    { title: 'params', value: (row) => formatCount(row.params), align: 'right' },
    { title: 'madds', value: (row) => formatCount(row.madds), align: 'right' },
    {
      title: 'share',
      value: (row) => `${((100 * row.madds) / total).toFixed(1)} %`,
      align: 'right',
      optional: 2,
    },
    {
      title: '',
      value: (row) => bar(row.madds / most, room),
      tone: () => 'accent',
      align: 'left',
      optional: 1,
    },
  ];
  return [totals(architecture, style), '', table(rows, columns, style)].join('\n');
}

function totals(architecture: Architecture, style: Style): string {
  const counts: readonly (readonly [string, string])[] = [
    [architecture.input.join('×'), 'input'],
    [String(classesOf(architecture)), 'classes'],
    [formatCount(paramsOf(architecture)), 'parameters'],
    [formatCount(maddsOf(architecture)), 'multiply-adds'],
  ];
  return line(
    counts.flatMap(([value, name], index) => [
      index === 0 ? '' : '   ',
      [value, 'title'] as const,
      [` ${name}`, 'quiet'] as const,
    ]),
    style,
  );
}

function blockRows(architecture: Architecture): readonly BlockRow[] {
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

function operationOf(block: Block): string {
  switch (block.kind) {
    case 'cn':
      return `conv ${block.kernel}×${block.kernel}${strideOf(block.stride)}`;
    case 'ds':
      return `dwsep ${block.kernel}×${block.kernel}${strideOf(block.stride)}`;
    case 'ir':
      return `bneck ${block.kernel}×${block.kernel}${strideOf(block.stride)}`;
    case 'gap':
      return 'pool';
    case 'fc':
      return 'dense';
    default:
      return assertNever(block);
  }
}

function strideOf(stride: number): string {
  return stride === 1 ? '' : ` /${stride}`;
}

function squeezeOf(block: Block): string | number {
  return (block.kind === 'ir' || block.kind === 'ds') && block.squeeze ? block.squeeze.channels : '';
}

function activationOf(block: Block): string {
  return block.kind === 'gap' ? '' : ACTIVATION_NAMES[block.activation];
}

function skipOf(row: BlockRow): string {
  const { block } = row;
  if (!row.adds || block.kind === 'gap' || block.kind === 'fc') return '';
  return block.skip === 'pool' ? 'pool' : '+';
}

/** `28×28×16`; behind the pooling only the channels. */
function shapeText([height, width, channels]: Shape): string {
  return height === 1 && width === 1 ? String(channels) : `${height}×${width}×${channels}`;
}

/** `nas arch`: an architecture layer by layer. */
export function layerTable(description: ArchitectureDescription, style: Style): string {
  const columns: readonly Column<LayerDescription>[] = [
    { title: 'layer', value: (layer) => layer.name },
    { title: 'op', value: (layer) => layer.op },
    { title: 'kernel', value: kernelOf, align: 'right' },
    { title: 'stride', value: (layer) => (layer.stride > 1 ? layer.stride : ''), align: 'right' },
    {
      title: 'groups',
      value: (layer) => (layer.groups > 1 ? layer.groups : ''),
      align: 'right',
      optional: 1,
    },
    { title: 'in', value: (layer) => shapeText(layer.in), align: 'right' },
    { title: 'out', value: (layer) => shapeText(layer.out), align: 'right' },
    { title: 'params', value: (layer) => layer.params },
    { title: 'madds', value: (layer) => layer.madds },
  ];
  const { name, text, input, classes, params, madds, layers } = description;
  const heading = name === text ? '' : `${line([[neutral(name), 'title']], style)}\n`;
  const summary = `${input.join('×')} input, ${classes} classes, ${formatCount(params)} parameters (${params}), ${formatCount(madds)} multiply-adds (${madds})`;
  return [`${heading}${line([summary], style)}`, '', table(layers, columns, style)].join('\n');
}

function kernelOf(layer: LayerDescription): string {
  const has = layer.op === 'conv' || layer.op === 'dwconv' || layer.op === 'avgpool';
  return has ? `${layer.kernel}×${layer.kernel}` : '';
}

function groupByBlock(layers: readonly Layer[]): Map<number, Layer[]> {
  const groups = new Map<number, Layer[]>();
  for (const layer of layers) groups.set(layer.block, [...(groups.get(layer.block) ?? []), layer]);
  return groups;
}
