import { attribute, ElementType, type Attribute, type NodeProto } from '../../../onnx/index.js';
import type { GraphBuilder } from '../../onnx/graph.js';
import { transposed } from '../../onnx/kernels.js';
import type { Parameters } from './parameters.js';

/** A value of the graph that is a map [1, C, H, W]. */
export interface MapValue {
  readonly name: string;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

export interface Convolution {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
  /** Pixels of padding on each side. @default half the kernel */
  readonly pad?: number;
  readonly activation?: 'silu' | 'relu' | 'none';
  /** Names of the parameters in PyTorch, if they are not `<name>.conv` and `<name>.bn`. */
  readonly parts?: readonly [conv: string, norm: string];
}

/** Layers of a detector, added to an ONNX graph. Every value is called what the layer is called in PyTorch. */
export interface LayerBuilder {
  readonly parameters: Parameters;
  /** One operator; returns its result, which has the node's name. */
  op(
    name: string,
    type: NodeProto['opType'],
    inputs: readonly string[],
    attributes?: readonly Attribute[],
  ): string;
  /** A constant of whole numbers. */
  whole(values: readonly number[]): string;
  floats(name: string, shape: readonly number[], values: ArrayLike<number>): string;
  number(value: number): string;
  reshape(name: string, value: string, shape: readonly number[]): string;
  transpose(name: string, value: string, order: readonly number[]): string;
  concat(name: string, values: readonly string[], axis: number): string;
  slice(name: string, value: string, axis: number, from: number, to: number): string;
  /** Convolution with batch normalisation folded into it. */
  convolution(name: string, map: MapValue, options: Convolution): MapValue;
  /** [.., inputs] to [.., outputs]; the value is called `result`, where layers are shared, instead of `name`. */
  linear(name: string, value: string, inputs: number, outputs: number, result?: string): string;
  /** Places [1, count] of the largest of [1, N], the largest first. */
  topIndices(name: string, value: string, count: number): string;
  layerNorm(name: string, value: string, width: number): string;
}

/** Ultralytics sets it in every batch normalisation of a model. */
const BATCH_EPSILON = 1e-3;
const LAYER_EPSILON = 1e-5;

export function layerBuilder(graph: GraphBuilder, parameters: Parameters): LayerBuilder {
  const op: LayerBuilder['op'] = (name, opType, input, attributes = []) => {
    graph.append({ name, opType, input, output: [name], attribute: attributes });
    return name;
  };
  const whole: LayerBuilder['whole'] = (values) =>
    graph.constant(`whole ${values.join(' ')}`, [values.length], values, ElementType.int64);
  const floats: LayerBuilder['floats'] = (name, shape, values) => graph.constant(name, shape, values);
  const builder: LayerBuilder = {
    ...{ parameters, op, whole, floats },
    number: (value) => floats(`number ${value}`, [], [value]),
    reshape: (name, value, shape) => op(name, 'Reshape', [value, whole(shape)]),
    transpose: (name, value, order) => op(name, 'Transpose', [value], [attribute.integers('perm', order)]),
    concat: (name, values, axis) => op(name, 'Concat', values, [attribute.integer('axis', axis)]),
    slice: (name, value, axis, from, to) =>
      op(name, 'Slice', [value, whole([from]), whole([to]), whole([axis])]),
    convolution(name, map, { outputs, kernel, stride = 1, groups = 1, activation = 'none', ...options }) {
      const { pad = Math.floor(kernel / 2), parts = [`${name}.conv`, `${name}.bn`] } = options;
      const shape = [outputs, map.channels / groups, kernel, kernel];
      const { values, bias } = foldedConvolution(parameters, parts, shape);
      return convolved(builder, name, map, { shape, values, bias, stride, groups, pad, activation });
    },
    linear(name, value, inputs, outputs, result = name) {
      const kernel = parameters.take(`${name}.weight`, [outputs, inputs], 'kernel');
      const bias = parameters.take(`${name}.bias`, [outputs], 'bias');
      return product(builder, name, value, { inputs, outputs, kernel, bias, result });
    },
    topIndices(name, value, count) {
      const input = [value, whole([count])];
      graph.append({ name, opType: 'TopK', input, output: [`${name}.values`, name], attribute: [] });
      return name;
    },
    layerNorm(name, value, width) {
      const scale = floats(`${name}.weight`, [width], parameters.take(`${name}.weight`, [width], 'scale'));
      const offset = floats(`${name}.bias`, [width], parameters.take(`${name}.bias`, [width], 'bias'));
      const attributes = [attribute.integer('axis', -1), attribute.float('epsilon', LAYER_EPSILON)];
      return op(name, 'LayerNormalization', [value, scale, offset], attributes);
    },
  };
  return builder;
}

interface Product {
  readonly inputs: number;
  readonly outputs: number;
  /** [outputs, inputs] */
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  /** What the value is called. @default the layer's name */
  readonly result?: string;
}

/** A linear layer of these numbers. */
export function product(
  builder: LayerBuilder,
  name: string,
  value: string,
  { inputs, outputs, kernel, bias, result = name }: Product,
): string {
  const turned = builder.floats(`${name}.kernel`, [inputs, outputs], transposed(kernel, outputs, inputs));
  const made = builder.op(`${result}.product`, 'MatMul', [value, turned]);
  return builder.op(result, 'Add', [made, builder.floats(`${name}.bias`, [outputs], bias)]);
}

/** A kernel [outputs, …] and its bias with batch normalisation folded into them. */
export function foldedConvolution(
  parameters: Parameters,
  [conv, norm]: readonly [string, string],
  shape: readonly number[],
): { readonly values: Float32Array; readonly bias: Float32Array } {
  const outputs = shape[0] as number;
  const kernel = parameters.take(`${conv}.weight`, shape, 'kernel');
  const scale = parameters.take(`${norm}.weight`, [outputs], 'scale');
  const offset = parameters.take(`${norm}.bias`, [outputs], 'bias');
  const mean = parameters.take(`${norm}.running_mean`, [outputs], 'bias');
  const variance = parameters.take(`${norm}.running_var`, [outputs], 'variance');
  const factor = scale.map((value, o) => value / Math.sqrt((variance[o] as number) + BATCH_EPSILON));
  const each = kernel.length / outputs;
  return {
    values: kernel.map((value, at) => value * (factor[Math.floor(at / each)] as number)),
    bias: offset.map((value, o) => value - (mean[o] as number) * (factor[o] as number)),
  };
}

interface Folded {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  readonly bias: Float32Array;
  readonly stride: number;
  readonly groups: number;
  readonly pad: number;
  readonly activation: 'silu' | 'relu' | 'none';
}

export function convolved(builder: LayerBuilder, name: string, map: MapValue, folded: Folded): MapValue {
  const { shape, values, bias, stride, groups, pad, activation } = folded;
  const [outputs = 0, , kernel = 0] = shape;
  const inputs = [
    map.name,
    builder.floats(`${name}.kernel`, shape, values),
    builder.floats(`${name}.bias`, [outputs], bias),
  ];
  const made = builder.op(activation === 'none' ? name : `${name}.linear`, 'Conv', inputs, [
    attribute.integer('group', groups),
    attribute.integers('kernel_shape', [kernel, kernel]),
    attribute.integers('strides', [stride, stride]),
    attribute.integers('pads', [pad, pad, pad, pad]),
  ]);
  if (activation === 'relu') builder.op(name, 'Relu', [made]);
  if (activation === 'silu')
    builder.op(name, 'Mul', [made, builder.op(`${name}.sigmoid`, 'Sigmoid', [made])]);
  const side = (size: number) => Math.floor((size + 2 * pad - kernel) / stride) + 1;
  return { name, channels: outputs, height: side(map.height), width: side(map.width) };
}
