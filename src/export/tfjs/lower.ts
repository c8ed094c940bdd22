import { assertNever } from '../../core/index.js';
import { numbers, type Network, type Weights } from '../../network/index.js';
import type { Layer } from '../../space/index.js';
import { createGraph, integers, text, type GraphBuilder } from './graph.js';

/** Names of the graph's ends. */
export const INPUT = 'input';
export const LOGITS = 'logits';
export const PROBABILITIES = 'probabilities';

/** The graph of a folded network: [−1, H, W, C] in, logits and their softmax [−1, classes] out. */
export function lower(network: Network, weights: Weights): GraphBuilder {
  const graph = createGraph();
  const results = new Map([['input', graph.placeholder(INPUT, [-1, ...network.input])]]);
  for (const layer of network.layers) {
    if (layer.norm) throw new RangeError(`normalisation of ${layer.name} is not folded`);
    const read = layer.from.map((name) => results.get(name) ?? name);
    const flat = !network.layers.some((other) => other !== layer && other.block === layer.block);
    const linear = operation(graph, layer, read, weights, flat);
    results.set(layer.name, activation(graph, layer, bias(graph, layer, linear, weights)));
  }
  const last = results.get(network.layers.at(-1)?.name ?? '') ?? INPUT;
  graph.node(LOGITS, 'Identity', [last]);
  graph.node(PROBABILITIES, 'Softmax', [LOGITS]);
  return graph;
}

/** `flat`: stand-alone pooling and dense layers work on [−1, C]; those of squeeze-and-excite on [−1, 1, 1, C]. */
function operation(
  graph: GraphBuilder,
  layer: Layer,
  read: readonly string[],
  weights: Weights,
  flat: boolean,
): string {
  const { name } = layer;
  const [x = ''] = read;
  const kernel = (...shape: number[]) =>
    graph.constant(`${name}/kernel`, shape, numbers(weights, name, 'kernel'));
  const [inputs, outputs] = [layer.in[2], layer.out[2]];
  switch (layer.op) {
    case 'conv':
      return graph.node(
        `${name}/Conv2D`,
        'Conv2D',
        [x, kernel(layer.kernel, layer.kernel, inputs, outputs)],
        sliding(layer),
      );
    case 'dwconv':
      return graph.node(
        `${name}/depthwise`,
        'DepthwiseConv2dNative',
        [x, kernel(layer.kernel, layer.kernel, inputs, 1)],
        sliding(layer),
      );
    case 'dense':
      return flat
        ? graph.node(`${name}/MatMul`, 'MatMul', [x, kernel(inputs, outputs)], {
            transpose_a: { b: false },
            transpose_b: { b: false },
          })
        : graph.node(`${name}/Conv2D`, 'Conv2D', [x, kernel(1, 1, inputs, outputs)], sliding({ stride: 1 }));
    case 'gap': {
      const axes = graph.constant('spatial_axes', [2], Int32Array.of(1, 2));
      return graph.node(`${name}/Mean`, 'Mean', [x, axes], {
        Tidx: { type: 'DT_INT32' },
        keep_dims: { b: !flat },
      });
    }
    case 'avgpool': {
      const { dilations: _, ...attributes } = sliding({ stride: layer.stride });
      const ksize = integers(1, layer.kernel, layer.kernel, 1);
      return graph.node(`${name}/AvgPool`, 'AvgPool', [x], { ...attributes, ksize });
    }
    case 'pad': {
      const missing = outputs - inputs;
      const paddings = graph.constant(
        `${name}/paddings`,
        [4, 2],
        Int32Array.of(0, 0, 0, 0, 0, 0, 0, missing),
      );
      return graph.node(`${name}/Pad`, 'PadV2', [x, paddings, scalar(graph, 'zero', 0)], {
        Tpaddings: { type: 'DT_INT32' },
      });
    }
    case 'scale':
      return graph.node(`${name}/Mul`, 'Mul', read);
    case 'add':
      return graph.node(`${name}/Add`, 'AddV2', read);
    default:
      return assertNever(layer.op);
  }
}

function bias(graph: GraphBuilder, { name, bias: has, out }: Layer, x: string, weights: Weights): string {
  if (!has) return x;
  const values = graph.constant(`${name}/bias`, [out[2]], numbers(weights, name, 'bias'));
  return graph.node(`${name}/BiasAdd`, 'BiasAdd', [x, values], { data_format: text('NHWC') });
}

function activation(graph: GraphBuilder, { name, activation: kind }: Layer, x: string): string {
  switch (kind) {
    case 'id':
      return x;
    case 're':
      return graph.node(`${name}/Relu`, 'Relu', [x]);
    case 'r6':
      return graph.node(`${name}/Relu6`, 'Relu6', [x]);
    case 'sig':
      return graph.node(`${name}/Sigmoid`, 'Sigmoid', [x]);
    case 'hsig':
      return graph.node(`${name}/gate`, 'Mul', [shifted(graph, name, x), scalar(graph, 'sixth', 1 / 6)]);
    case 'hs': {
      const product = graph.node(`${name}/product`, 'Mul', [x, shifted(graph, name, x)]);
      return graph.node(`${name}/hswish`, 'Mul', [product, scalar(graph, 'sixth', 1 / 6)]);
    }
    default:
      return assertNever(kind);
  }
}

/** ReLU6(x + 3), in h-swish and the hard sigmoid. */
function shifted(graph: GraphBuilder, name: string, x: string): string {
  const sum = graph.node(`${name}/shift`, 'AddV2', [x, scalar(graph, 'three', 3)]);
  return graph.node(`${name}/Relu6`, 'Relu6', [sum]);
}

function scalar(graph: GraphBuilder, name: string, value: number): string {
  return graph.constant(name, [], Float32Array.of(value));
}

function sliding({ stride, pads }: Pick<Layer, 'stride' | 'pads'>) {
  return {
    strides: integers(1, stride, stride, 1),
    dilations: integers(1, 1, 1, 1),
    ...paddingOf(pads),
    data_format: text('NHWC'),
  };
}

function paddingOf(pads: Layer['pads']) {
  if (pads === undefined) return { padding: text('SAME') };
  const [top, left, bottom, right] = pads;
  return {
    padding: text('EXPLICIT'),
    explicit_paddings: integers(0, 0, top, bottom, left, right, 0, 0),
  };
}
