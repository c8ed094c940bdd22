import type { DetectorSizes } from '../../detector/index.js';
import type { BackboneMap } from '../pytorch/source.js';

/** A row of Ultralytics' YAML: what it reads, how often it is repeated, the module and its arguments. */
type Row = readonly [
  from: number | readonly number[],
  repeats: number,
  module: string,
  args: readonly unknown[],
];

/** RT-DETR's rows for a backbone class in row 0 that gives a list of maps, and the index of the first row of the head. */
export function rowsOf(
  className: string,
  maps: readonly BackboneMap[],
  { hidden, queries, points, heads, decoderLayers, feedForward }: DetectorSizes,
): { readonly backbone: readonly Row[]; readonly head: readonly Row[] } {
  const backbone: readonly Row[] = [
    [-1, 1, className, []],
    // An unknown class counts as wide as what it reads, so every map gets its width from a row of its own.
    ...maps.map(({ channels }, index): Row => [0, 1, 'Index', [channels, index]]),
  ];
  const head: Row[] = [];
  const next = () => backbone.length + head.length;
  const push = (from: Row[0], repeats: number, module: string, args: readonly unknown[]): number => {
    head.push([from, repeats, module, args]);
    return next() - 1;
  };
  const project = (map: number) => push(map + 1, 1, 'Conv', [hidden, 1, 1, null, 1, 1, false]);
  const last = maps.length - 1;
  project(last);
  let map = push(-1, 1, 'AIFI', [feedForward, heads]);
  const lateral = new Map<number, number>();
  for (let level = last; level > 0; level--) {
    lateral.set(level, push(-1, 1, 'Conv', [hidden, 1, 1]));
    const above = push(-1, 1, 'nn.Upsample', [null, 2, 'nearest']);
    const projected = project(level - 1);
    push([above, projected], 1, 'Concat', [1]);
    map = push(-1, 3, 'RepC3', [hidden]);
  }
  const outputs = [map];
  for (let level = 1; level <= last; level++) {
    push(-1, 1, 'Conv', [hidden, 3, 2]);
    push([-1, lateral.get(level) as number], 1, 'Concat', [1]);
    outputs.push(push(-1, 3, 'RepC3', [hidden]));
  }
  push(outputs, 1, 'RTDETRDecoder', ['nc', hidden, queries, points, heads, decoderLayers, feedForward]);
  return { backbone, head };
}
