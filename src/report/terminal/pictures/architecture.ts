import { formatCount } from '../../../core/index.js';
import {
  classesOf,
  maddsOf,
  paramsOf,
  type Architecture,
  type ArchitectureDescription,
  type LayerDescription,
} from '../../../space/index.js';
import { bar } from './bars.js';
import {
  activationOf,
  blockRows,
  expansionOf,
  operationOf,
  shapeText,
  skipOf,
  squeezeOf,
  type BlockRow,
} from '../../view/block-rows.js';
import { line, type Style } from '../style.js';
import { table, type Column } from '../tables/table.js';
import { neutral } from '../text.js';

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
    { title: 'exp', value: ({ block }) => expansionOf(block) ?? '', align: 'right' },
    { title: 'SE', value: ({ block }) => squeezeOf(block) ?? '', align: 'right' },
    { title: 'act', value: ({ block }) => activationOf(block) ?? '' },
    { title: 'skip', value: (row) => skipOf(row) ?? '' },
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
