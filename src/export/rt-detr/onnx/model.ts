import type { DetectorSizes } from '../../../detector/index.js';
import type { Network, Weights } from '../../../network/index.js';
import { ElementType, encodeModel, type ValueInfo } from '../../../onnx/index.js';
import { createGraph, type GraphBuilder } from '../../onnx/graph.js';
import { networkGraph, ONNX_INPUT, type Pixels } from '../../onnx/model.js';
import { headRows, HGNET_ROWS, HGNET_TAPS, rowsOf, type Row } from '../rows.js';
import { decoder, type DecoderValues } from './decoder.js';
import { layerBuilder, type LayerBuilder, type MapValue } from './layers.js';
import { aifi, hgBlock, hgStem, repC3 } from './modules.js';
import type { Parameters } from './parameters.js';

/** A backbone with its weights. */
export interface WeightedBackbone {
  readonly network: Network;
  readonly weights: Weights;
  /** Of batch normalisation. */
  readonly epsilon: number;
  readonly pixels: Pixels;
  /** Maps that the encoder reads, by level. */
  readonly levels: readonly number[];
}

/** RT-DETR-L's own backbone: HGNetv2-L for pictures of height × width, its parameters among the detector's. */
export interface OwnBackbone {
  readonly input: readonly [number, number];
  readonly levels: readonly number[];
}

/**
 * RT-DETR as the bytes of an `.onnx` file (opset 17, batch 1): input `images`, RGB from 0 to 1 [1, C, H, W]; outputs `boxes`
 * [1, Q, 4], centre, width and height as parts of the picture, and `scores` [1, Q, classes]. Parameters are taken by their
 * names in Ultralytics' model of the format `ultralytics`, or of `rtdetr-l.yaml`.
 * @throws NasError `NAS_NO_FEATURE`, `NAS_BAD_WEIGHTS`
 */
export function detectorModel(
  backbone: WeightedBackbone | OwnBackbone,
  sizes: DetectorSizes,
  parameters: Parameters,
  version = '',
): Uint8Array {
  const { graph, input, values, builder, head } =
    'network' in backbone ? ofNetwork(backbone, sizes, parameters) : ofOwn(backbone, sizes, parameters);
  const found = lowerRows(builder, head, values, sizes);
  const { nodes, initializers } = graph;
  const { queries } = found;
  const outputs = [
    { name: 'boxes', value: found.boxes, width: 4 },
    { name: 'scores', value: found.scores, width: sizes.classes },
  ];
  for (const { name, value } of outputs) builder.op(name, 'Identity', [value]);
  return encodeModel({
    ...{ version, nodes, initializers, inputs: [input], metadata: {} },
    outputs: outputs.map(({ name, width }) => ({
      name,
      type: ElementType.float,
      shape: [1, queries, width],
    })),
  });
}

/** The own backbone alone, with its maps as outputs c3 to c5. */
export function ownBackboneModel(backbone: OwnBackbone, parameters: Parameters): Uint8Array {
  const { graph, input, builder, values, taps } = ownBackbone(backbone, parameters);
  const outputs = taps.map((row, i) => {
    const { name, channels, height, width } = values[row] as MapValue;
    const shown = builder.op(`c${backbone.levels[i] ?? 0}`, 'Identity', [name]);
    return { name: shown, type: ElementType.float, shape: [1, channels, height, width] };
  });
  const { nodes, initializers } = graph;
  return encodeModel({ version: '', nodes, initializers, inputs: [input], outputs, metadata: {} });
}

interface Started {
  readonly graph: GraphBuilder;
  readonly input: ValueInfo;
  readonly builder: LayerBuilder;
  /** By row; only what later rows may read. */
  readonly values: MapValue[];
}

function ofNetwork(
  { network, weights, epsilon, pixels, levels }: WeightedBackbone,
  sizes: DetectorSizes,
  parameters: Parameters,
): Started & { readonly head: readonly Row[] } {
  const names = levels.map((level) => `c${level}`);
  const { graph, input, outputs } = networkGraph(network, weights, { epsilon, outputs: names, pixels });
  const maps = outputs.map(({ name, shape: [channels = 0, height = 0, width = 0] }) => {
    return { name, channels, height, width };
  });
  const { head } = rowsOf('', maps, sizes);
  const picture = { name: ONNX_INPUT, channels: 0, height: 0, width: 0 };
  return { graph, input, builder: layerBuilder(graph, parameters), values: [picture, ...maps], head };
}

function ofOwn(backbone: OwnBackbone, sizes: DetectorSizes, parameters: Parameters) {
  const started = ownBackbone(backbone, parameters);
  return { ...started, head: headRows(started.taps, started.values.length, sizes) };
}

function ownBackbone(
  { input: [height, width], levels }: OwnBackbone,
  parameters: Parameters,
): Started & { readonly taps: readonly number[] } {
  const graph = createGraph();
  const builder = layerBuilder(graph, parameters);
  const FIRST_LEVEL = 3;
  const taps = levels.map((level) => HGNET_TAPS[level - FIRST_LEVEL] as number);
  const rows = HGNET_ROWS.slice(0, Math.max(...taps) + 1);
  const values: MapValue[] = [];
  let map: MapValue = { name: ONNX_INPUT, channels: 3, height, width };
  for (const [index, row] of rows.entries())
    values.push((map = lowerRow(builder, `model.${index}`, row, [map])));
  const input = { name: ONNX_INPUT, type: ElementType.float, shape: [1, 3, height, width] };
  return { graph, input, builder, values, taps };
}

/** Lowers encoder and decoder behind what `values` has already. */
function lowerRows(
  builder: LayerBuilder,
  head: readonly Row[],
  values: MapValue[],
  sizes: DetectorSizes,
): DecoderValues & { readonly queries: number } {
  for (const row of head) {
    const [from, , module] = row;
    const name = `model.${values.length}`;
    const read = [from].flat().map((index) => values.at(index) as MapValue);
    if (module === 'RTDETRDecoder') return decoder(builder, name, read, sizes);
    values.push(lowerRow(builder, name, row, read));
  }
  throw new RangeError('a detector without a decoder');
}

/** One of Ultralytics' modules by its row. */
function lowerRow(
  builder: LayerBuilder,
  name: string,
  [, repeats, module, args]: Row,
  read: readonly MapValue[],
): MapValue {
  const [map] = read as readonly [MapValue];
  const [first = 0, second = 0, third = 0] = args.map(Number);
  switch (module) {
    case 'Conv':
      return builder.convolution(name, map, {
        ...{ outputs: first, kernel: second, stride: third || 1 },
        activation: args.at(-1) === false ? 'none' : 'silu',
      });
    case 'DWConv':
      return builder.convolution(name, map, {
        ...{ outputs: first, kernel: second, stride: third, groups: map.channels },
      });
    case 'HGStem':
      return hgStem(builder, name, map, first, second);
    case 'HGBlock':
      return hgBlock(builder, name, map, {
        ...{ inner: first, outputs: second, kernel: third },
        ...{ light: args[3] === true, skip: args[4] === true },
      });
    case 'AIFI':
      return aifi(builder, name, map, first, second);
    case 'nn.Upsample': {
      const scales = builder.floats('double', [4], [1, 1, 2, 2]);
      const made = builder.op(name, 'Resize', [map.name, '', scales]);
      return { ...map, name: made, height: 2 * map.height, width: 2 * map.width };
    }
    case 'Concat':
      return {
        ...map,
        name: builder.concat(
          name,
          read.map((each) => each.name),
          1,
        ),
        channels: read.reduce((sum, { channels }) => sum + channels, 0),
      };
    case 'RepC3':
      return repC3(builder, name, map, first, repeats);
    default:
      throw new RangeError(`module ${module}`);
  }
}
