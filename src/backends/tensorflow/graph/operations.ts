import type { Layer, Pads } from '../../../space/index.js';
import { output, type Graph, type Ref } from './graph.js';
import { attribute, DType } from './proto.js';

const T = attribute.type(DType.float);
const T_INT = attribute.type(DType.int32);
const NHWC = attribute.text('NHWC');
const SAME = attribute.text('SAME');
const VALID = attribute.text('VALID');

/** Element-wise operations of float tensors, with broadcasting. */
export const add = (g: Graph, a: Ref, b: Ref) => g.node('AddV2', [a, b], { T });
export const subtract = (g: Graph, a: Ref, b: Ref) => g.node('Sub', [a, b], { T });
export const multiply = (g: Graph, a: Ref, b: Ref) => g.node('Mul', [a, b], { T });
export const unary = (g: Graph, op: 'Relu' | 'Relu6' | 'Sigmoid' | 'Rsqrt' | 'IsFinite', x: Ref) =>
  g.node(op, [x], { T });

/** `ReluGrad`, `Relu6Grad`: (gradient, features); `SigmoidGrad`: (y, gradient). */
export const unaryGradient = (
  g: Graph,
  op: 'ReluGrad' | 'Relu6Grad' | 'SigmoidGrad',
  first: Ref,
  second: Ref,
) => g.node(op, [first, second], { T });

export function sum(g: Graph, terms: readonly Ref[]): Ref {
  if (terms.length === 1) return terms[0] as Ref;
  if (terms.length === 2) return add(g, terms[0] as Ref, terms[1] as Ref);
  return g.node('AddN', terms, { N: attribute.int(terms.length), T });
}

export const reshape = (g: Graph, x: Ref, shape: readonly number[], type: DType = DType.float) =>
  g.node('Reshape', [x, g.ints(...shape)], { T: attribute.type(type), Tshape: T_INT });

export const slice = (
  g: Graph,
  x: Ref,
  begin: readonly number[],
  size: readonly number[],
  type: DType = DType.float,
) => g.node('Slice', [x, g.ints(...begin), g.ints(...size)], { T: attribute.type(type), Index: T_INT });

export const cast = (g: Graph, x: Ref, from: DType, to: DType) =>
  g.node('Cast', [x], { SrcT: attribute.type(from), DstT: attribute.type(to) });

/** Joins along the first axis. */
export const concatenate = (g: Graph, parts: readonly Ref[]) =>
  parts.length === 1
    ? (parts[0] as Ref)
    : g.node('ConcatV2', [...parts, g.int(0)], { N: attribute.int(parts.length), T, Tidx: T_INT });

export const reduce = (g: Graph, op: 'Sum' | 'Mean', x: Ref, axes: readonly number[], keep: boolean) =>
  g.node(op, [x, g.ints(...axes)], { T, Tidx: T_INT, keep_dims: attribute.bool(keep) });

/** Cuts the first axis into parts of these lengths. */
export function split(g: Graph, x: Ref, sizes: readonly number[]): readonly Ref[] {
  if (sizes.length === 1) return [x];
  const first = g.node('SplitV', [x, g.ints(...sizes), g.int(0)], {
    num_split: attribute.int(sizes.length),
    T,
    Tlen: T_INT,
  });
  return sizes.map((_, index) => output(first, index));
}

export const matMul = (g: Graph, a: Ref, b: Ref, transposeA = false, transposeB = false) =>
  g.node('MatMul', [a, b], {
    T,
    transpose_a: attribute.bool(transposeA),
    transpose_b: attribute.bool(transposeB),
  });

export const biasAdd = (g: Graph, x: Ref, bias: Ref) =>
  g.node('BiasAdd', [x, bias], { T, data_format: NHWC });
export const biasAddGradient = (g: Graph, dy: Ref) => g.node('BiasAddGrad', [dy], { T, data_format: NHWC });

const window = (stride: number, padding = SAME) => ({
  T,
  strides: attribute.ints([1, stride, stride, 1]),
  padding,
  data_format: NHWC,
});

type Convolution = 'Conv2D' | 'DepthwiseConv2dNative';

/**
 * How a window slides over maps of shape `in`. Padding that is not SAME is added by an operation of its own: gradients with
 * explicit padding crash TensorFlow's CPU kernels.
 */
export type Sliding = Pick<Layer, 'stride' | 'pads' | 'in'>;

/** Adds zeros before and after each dimension. */
export function pad(g: Graph, x: Ref, sides: readonly (readonly [number, number])[]): Ref {
  if (sides.flat().every((size) => size === 0)) return x;
  const paddings = g.constant([sides.length, 2], Int32Array.from(sides.flat()));
  return g.node('Pad', [x, paddings], { T, Tpaddings: T_INT });
}

function padded(g: Graph, x: Ref, pads: Pads): Ref {
  const [top, left, bottom, right] = pads;
  return pad(g, x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}

/** Convolution of NHWC maps. */
export function convolve(g: Graph, op: Convolution, x: Ref, kernel: Ref, { stride, pads }: Sliding): Ref {
  if (pads === undefined) return g.node(op, [x, kernel], window(stride));
  return g.node(op, [padded(g, x, pads), kernel], window(stride, VALID));
}

/** Gradient by the input, of as many pictures. */
export function convolveBackInput(
  g: Graph,
  op: Convolution,
  batch: number,
  kernel: Ref,
  dy: Ref,
  { stride, pads, in: shape }: Sliding,
): Ref {
  const back = (sizes: readonly number[], padding: typeof SAME) =>
    g.node(`${op}BackpropInput`, [g.ints(...sizes), kernel, dy], window(stride, padding));
  if (pads === undefined) return back([batch, ...shape], SAME);
  const [top, left, bottom, right] = pads;
  const [height, width, channels] = shape;
  const whole = back([batch, height + top + bottom, width + left + right, channels], VALID);
  return slice(g, whole, [0, top, left, 0], [batch, ...shape]);
}

/** Gradient by the kernel, of shape `sizes`. */
export function convolveBackKernel(
  g: Graph,
  op: Convolution,
  x: Ref,
  sizes: readonly number[],
  dy: Ref,
  { stride, pads }: Sliding,
): Ref {
  const [map, padding] = pads === undefined ? [x, SAME] : [padded(g, x, pads), VALID];
  return g.node(`${op}BackpropFilter`, [map, g.ints(...sizes), dy], window(stride, padding));
}

const pool = (kernel: number, stride: number) => ({
  ...window(stride),
  ksize: attribute.ints([1, kernel, kernel, 1]),
});
export const averagePool = (g: Graph, x: Ref, kernel: number, stride: number) =>
  g.node('AvgPool', [x], pool(kernel, stride));
export const averagePoolGradient = (
  g: Graph,
  sizes: readonly number[],
  dy: Ref,
  kernel: number,
  stride: number,
) => g.node('AvgPoolGrad', [g.ints(...sizes), dy], pool(kernel, stride));

/** What batch normalisation's gradient needs of its forward pass. */
export interface Normalised {
  readonly y: Ref;
  /** Moving averages after this batch. */
  readonly mean: Ref;
  readonly variance: Ref;
  readonly reserve: readonly Ref[];
}

export interface NormParameters {
  readonly scale: Ref;
  readonly offset: Ref;
  readonly mean: Ref;
  readonly variance: Ref;
}

/** Normalises by the batch; the variance that enters the moving average is the unbiased one. */
export function normalise(
  g: Graph,
  x: Ref,
  p: NormParameters,
  epsilon: number,
  momentum: number,
): Normalised {
  const first = g.node('FusedBatchNormV3', [x, p.scale, p.offset, p.mean, p.variance], {
    ...norm(epsilon),
    exponential_avg_factor: attribute.float(1 - momentum),
  });
  return {
    y: first,
    mean: output(first, 1),
    variance: output(first, 2),
    reserve: [output(first, 3), output(first, 4), output(first, 5)],
  };
}

/** Gradients of {@link normalise} by input, scale and offset. */
export function normaliseGradient(
  g: Graph,
  dy: Ref,
  x: Ref,
  scale: Ref,
  reserve: readonly Ref[],
  epsilon: number,
): { readonly x: Ref; readonly scale: Ref; readonly offset: Ref } {
  const first = g.node('FusedBatchNormGradV3', [dy, x, scale, ...reserve], norm(epsilon));
  return { x: first, scale: output(first, 1), offset: output(first, 2) };
}

const norm = (epsilon: number) => ({
  T,
  U: T,
  epsilon: attribute.float(epsilon),
  data_format: NHWC,
  is_training: attribute.bool(true),
});
