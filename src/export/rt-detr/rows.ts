import type { DetectorSizes } from '../../detector/index.js';
import type { BackboneMap } from '../pytorch/source.js';

/** A row of Ultralytics' YAML: what it reads, how often it is repeated, the module and its arguments. */
export type Row = readonly [
  from: number | readonly number[],
  repeats: number,
  module: string,
  args: readonly unknown[],
];

export interface DetectorRows {
  readonly backbone: readonly Row[];
  readonly head: readonly Row[];
}

/** RT-DETR's rows for a backbone class in row 0 that gives a list of maps. */
export function rowsOf(
  className: string,
  maps: readonly Pick<BackboneMap, 'channels'>[],
  sizes: DetectorSizes,
): DetectorRows {
  const backbone: readonly Row[] = [
    [-1, 1, className, []],
    // An unknown class counts as wide as what it reads, so every map gets its width from a row of its own.
    ...maps.map(({ channels }, index): Row => [0, 1, 'Index', [channels, index]]),
  ];
  const taps = maps.map((_, index) => index + 1);
  return { backbone, head: headRows(taps, backbone.length, sizes) };
}

/** The rows of `rtdetr-l.yaml`'s backbone, HGNetv2-L; its maps C3 to C5 are rows {@link HGNET_TAPS}. */
export const HGNET_ROWS: readonly Row[] = [
  [-1, 1, 'HGStem', [32, 48]],
  [-1, 6, 'HGBlock', [48, 128, 3]],
  [-1, 1, 'DWConv', [128, 3, 2, 1, false]],
  [-1, 6, 'HGBlock', [96, 512, 3]],
  [-1, 1, 'DWConv', [512, 3, 2, 1, false]],
  [-1, 6, 'HGBlock', [192, 1024, 5, true, false]],
  [-1, 6, 'HGBlock', [192, 1024, 5, true, true]],
  [-1, 6, 'HGBlock', [192, 1024, 5, true, true]],
  [-1, 1, 'DWConv', [1024, 3, 2, 1, false]],
  [-1, 6, 'HGBlock', [384, 2048, 5, true, false]],
];
export const HGNET_TAPS: readonly number[] = [3, 7, 9];

/**
 * Encoder and decoder.
 * @param taps rows of the feature maps
 * @param first index of the first row that is returned
 */
export function headRows(
  taps: readonly number[],
  first: number,
  { hidden, queries, points, heads, decoderLayers, feedForward }: DetectorSizes,
): readonly Row[] {
  const head: Row[] = [];
  const push = (from: Row[0], repeats: number, module: string, args: readonly unknown[]): number => {
    head.push([from, repeats, module, args]);
    return first + head.length - 1;
  };
  const project = (map: number) => push(taps[map] as number, 1, 'Conv', [hidden, 1, 1, null, 1, 1, false]);
  const last = taps.length - 1;
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
  return head;
}
