import { assertNever } from '../../core/index.js';
import { numbers, type Network, type Weights } from '../../network/index.js';
import { attribute, ElementType } from '../../onnx/index.js';
import { padsOf, type Layer } from '../../space/index.js';
import type { GraphBuilder, Step } from './graph.js';
import { convolutionKernel, transposed } from './kernels.js';

/**
 * How hard sigmoids, the gates of squeeze-and-excite, are written: as the operator of that name, or as clipped sums for
 * runtimes that compute the operator wrongly (OpenCV's dnn module before a `Mul`).
 */
export type GateKind = 'hard-sigmoid' | 'clip';

/**
 * Adds the layers in `wanted` of a folded network, maps as [N, C, H, W], behind the pooling [N, C].
 * @param input value that the first layer reads
 * @param nameOf the value that a layer's result is to be called
 * @param gate how hard sigmoids are written
 */
export function lowerLayers(
  graph: GraphBuilder,
  network: Network,
  weights: Weights,
  wanted: ReadonlySet<string>,
  input: string,
  nameOf: (layer: string) => string,
  gate: GateKind = 'hard-sigmoid',
): void {
  const flat = flatLayers(network);
  for (const layer of network.layers) {
    if (layer.norm) throw new RangeError(`normalisation of ${layer.name} is not folded`);
    if (!wanted.has(layer.name)) continue;
    const read = layer.from.map((name) => (name === 'input' ? input : nameOf(name)));
    const steps = [
      ...operation(graph, layer, weights, flat.has(layer.name)),
      ...activation(graph, layer.activation, gate),
    ];
    graph.chain(layer.name, read, steps, nameOf(layer.name));
  }
}

/** Stand-alone layers from the pooling on: their results are [N, C]; squeeze-and-excite's are [N, C, 1, 1]. */
export function flatLayers({ layers }: Network): ReadonlySet<string> {
  const alone = (layer: Layer) => !layers.some((other) => other !== layer && other.block === layer.block);
  const flat = layers.filter((layer) => (layer.op === 'gap' || layer.op === 'dense') && alone(layer));
  return new Set(flat.map(({ name }) => name));
}

function operation(graph: GraphBuilder, layer: Layer, weights: Weights, flat: boolean): readonly Step[] {
  const { name } = layer;
  const [inputs, outputs] = [layer.in[2], layer.out[2]];
  const kernel = () => numbers(weights, name, 'kernel');
  const bias = () =>
    layer.bias ? [graph.constant(`${name}.bias`, [outputs], numbers(weights, name, 'bias'))] : [];
  switch (layer.op) {
    case 'conv':
    case 'dwconv': {
      const { shape, values } = convolutionKernel(layer, kernel());
      const constants = [graph.constant(`${name}.kernel`, shape, values), ...bias()];
      const groups = attribute.integer('group', layer.groups);
      return [{ op: 'Conv', constants, attributes: [groups, ...sliding(layer)] }];
    }
    case 'dense': {
      const shape = flat ? [outputs, inputs] : [outputs, inputs, 1, 1];
      const values = transposed(kernel(), inputs, outputs);
      const constants = [graph.constant(`${name}.kernel`, shape, values), ...bias()];
      return flat
        ? [{ op: 'Gemm', constants, attributes: [attribute.integer('transB', 1)] }]
        : [{ op: 'Conv', constants, attributes: [attribute.integers('kernel_shape', [1, 1])] }];
    }
    case 'gap': {
      const flatten: Step = { op: 'Flatten', attributes: [attribute.integer('axis', 1)] };
      return [...meanOfRows(layer), { op: 'GlobalAveragePool' }, ...(flat ? [flatten] : [])];
    }
    case 'avgpool':
      return [
        { op: 'AveragePool', attributes: [attribute.integer('count_include_pad', 0), ...sliding(layer)] },
      ];
    case 'pad': {
      const ends = [0, 0, 0, 0, 0, outputs - inputs, 0, 0];
      return [{ op: 'Pad', constants: [graph.constant(`${name}.pads`, [8], ends, ElementType.int64)] }];
    }
    case 'scale':
      return [{ op: 'Mul' }];
    case 'add':
      return [{ op: 'Add' }];
    default:
      return assertNever(layer.op);
  }
}

/** Larger maps are averaged in two steps. */
const PLACES_AT_ONCE = 2 ** 16;

/**
 * ONNX Runtime adds up a map place by place, which costs 4e-4 of the result on 640×640 and 1e-5 on 256×256. The mean of
 * each row first, then of the rows, is exact to 1e-6.
 */
function meanOfRows({ in: [height, width] }: Layer): readonly Step[] {
  if (height * width <= PLACES_AT_ONCE) return [];
  return [{ op: 'AveragePool', attributes: [attribute.integers('kernel_shape', [1, width])] }];
}

function activation(graph: GraphBuilder, kind: Layer['activation'], gate: GateKind): readonly Step[] {
  switch (kind) {
    case 'id':
      return [];
    case 're':
      return [{ op: 'Relu' }];
    case 'r6':
      return [{ op: 'Clip', constants: [graph.constant('zero', [], [0]), graph.constant('six', [], [6])] }];
    case 'sig':
      return [{ op: 'Sigmoid' }];
    case 'hsig':
      if (gate === 'clip') return clippedGate(graph);
      return [
        { op: 'HardSigmoid', attributes: [attribute.float('alpha', 1 / 6), attribute.float('beta', 0.5)] },
      ];
    case 'hs':
      return [{ op: 'HardSwish' }];
    default:
      return assertNever(kind);
  }
}

/** The hard sigmoid, min(max(x/6 + 1/2, 0), 1), in operators that no runtime takes for a part of another one. */
function clippedGate(graph: GraphBuilder): readonly Step[] {
  return [
    { op: 'Mul', constants: [graph.constant('sixth', [], [1 / 6])] },
    { op: 'Add', constants: [graph.constant('half', [], [0.5])] },
    { op: 'Clip', constants: [graph.constant('zero', [], [0]), graph.constant('one', [], [1])] },
  ];
}

function sliding(layer: Layer) {
  const { kernel, stride } = layer;
  return [
    attribute.integers('kernel_shape', [kernel, kernel]),
    attribute.integers('strides', [stride, stride]),
    attribute.integers('pads', padsOf(layer)),
  ];
}
