import type { Shape, Value } from './value.js';

/** A node's inputs and attributes, as a rule below takes them. @throws RangeError for what no export of ours has */
export interface Given {
  readonly inputs: readonly Value[];
  /** Whole numbers of an attribute; `fallback` where it is not there. */
  ints(name: string, count: number, fallback?: readonly number[]): readonly number[];
}

interface Operator {
  /** Values read; the first is a computed one, never a constant. */
  readonly inputs: readonly [least: number, most: number];
  readonly attributes: readonly string[];
  /** The result's shape. @throws RangeError where inputs and attributes do not fit */
  readonly shape: (given: Given) => Shape;
  /** Whether it may read a constant first, once each, whose result counts as a constant. */
  readonly ofConstants?: true;
  /** Bytes of an element of the result. @default 4 */
  readonly width?: number;
}

const same: Operator['shape'] = ({ inputs: [x] }) => shapeOf(x);
const plain: Operator = { inputs: [1, 1], attributes: [], shape: same };
const broadcast: Operator = { inputs: [2, 2], attributes: [], shape: broadcastShape };
const window = ['kernel_shape', 'strides', 'pads'];

/**
 * The operators that exports use, with all that these say of them. The exporter writes no other
 * ({@link OperatorName} is the type of its steps), and a file from outside may have no other.
 */
const OPERATORS = {
  Add: broadcast,
  AveragePool: { inputs: [1, 1], attributes: ['count_include_pad', ...window], shape: poolShape },
  Cast: { inputs: [1, 1], attributes: ['to'], shape: same },
  Clip: { inputs: [3, 3], attributes: [], shape: clipShape },
  Conv: { inputs: [2, 3], attributes: ['group', ...window], shape: convolutionShape },
  DequantizeLinear: { inputs: [3, 3], attributes: ['axis'], shape: scaledShape, ofConstants: true },
  Div: broadcast,
  Flatten: { inputs: [1, 1], attributes: ['axis'], shape: flattenShape },
  Gemm: { inputs: [2, 3], attributes: ['transB'], shape: gemmShape },
  GlobalAveragePool: { ...plain, shape: ({ inputs: [x] }) => [...map(x).slice(0, 2), 1, 1] },
  HardSigmoid: { inputs: [1, 1], attributes: ['alpha', 'beta'], shape: same },
  HardSwish: plain,
  Identity: plain,
  Mul: broadcast,
  Pad: { inputs: [2, 2], attributes: [], shape: padShape },
  QuantizeLinear: { inputs: [3, 3], attributes: [], shape: scaledShape, width: 1 },
  Relu: plain,
  Sigmoid: plain,
  Softmax: { inputs: [1, 1], attributes: ['axis'], shape: same },
  Sub: broadcast,
  Transpose: { inputs: [1, 1], attributes: ['perm'], shape: transposeShape },
} as const satisfies Readonly<Record<string, Operator>>;

export type OperatorName = keyof typeof OPERATORS;
export const OPERATOR_NAMES = Object.freeze(Object.keys(OPERATORS) as OperatorName[]);

/** What only whole detectors have: it is written, and in a file from outside refused. */
export type DetectorOperator =
  | ('Concat' | 'Erf' | 'Gather' | 'GridSample' | 'LayerNormalization' | 'Log' | 'MatMul' | 'MaxPool')
  | ('ReduceMax' | 'ReduceSum' | 'Reshape' | 'Resize' | 'Slice' | 'TopK');

/** Undefined for an operator that no export uses. */
export function operatorOf(name: string): Operator | undefined {
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name as OperatorName] : undefined;
}

function shapeOf(value: Value | undefined): Shape {
  if (value === undefined) throw new RangeError('an input is missing');
  return value.shape;
}

/** A shape [N, C, H, W]. */
function map(value: Value | undefined): Shape {
  const shape = shapeOf(value);
  if (shape.length !== 4) throw new RangeError(`a value of ${shape.length} dimensions for a map`);
  return shape;
}

function constant(value: Value | undefined, rank: number): Shape {
  const shape = shapeOf(value);
  if (value?.constant !== true || shape.length !== rank)
    throw new RangeError('weights that are computed or of another rank');
  return shape;
}

/** How far a window of this size moves over a map; it never lies outside altogether. */
function slide(given: Given, [height = 0, width = 0]: Shape, kernel: readonly number[]): Shape {
  const strides = given.ints('strides', 2, [1, 1]);
  const pads = given.ints('pads', 4, [0, 0, 0, 0]);
  return [height, width].map((size, axis) => {
    const [side = 0, stride = 0] = [kernel[axis], strides[axis]];
    const [before = 0, after = 0] = [pads[axis], pads[axis + 2]];
    if (side < 1 || stride < 1 || before < 0 || after < 0 || before >= side || after >= side)
      throw new RangeError('a window that makes no sense');
    return Math.floor((size + before + after - side) / stride) + 1;
  });
}

function poolShape(given: Given): Shape {
  const [batch = 0, channels = 0, ...size] = map(given.inputs[0]);
  return [batch, channels, ...slide(given, size, given.ints('kernel_shape', 2))];
}

function convolutionShape(given: Given): Shape {
  const [x, kernel, bias] = given.inputs;
  const [batch = 0, channels = 0, ...size] = map(x);
  const [outputs = 0, inputs = 0, ...window] = constant(kernel, 4);
  const [groups = 0] = given.ints('group', 1, [1]);
  const stated = given.ints('kernel_shape', 2, window);
  if (groups < 1 || channels !== inputs * groups || outputs % groups !== 0 || stated.join() !== window.join())
    throw new RangeError('a kernel that does not fit');
  if (bias !== undefined && constant(bias, 1)[0] !== outputs)
    throw new RangeError('a bias that does not fit');
  return [batch, outputs, ...slide(given, size, window)];
}

function gemmShape(given: Given): Shape {
  const [x, kernel, bias] = given.inputs;
  const [batch = 0, inputs = 0, ...more] = shapeOf(x);
  const [outputs = 0, depth = 0] = constant(kernel, 2);
  if (given.ints('transB', 1, [0])[0] !== 1 || more.length > 0 || inputs !== depth)
    throw new RangeError('a kernel that does not fit');
  if (bias !== undefined && constant(bias, 1)[0] !== outputs)
    throw new RangeError('a bias that does not fit');
  return [batch, outputs];
}

function flattenShape(given: Given): Shape {
  const [batch = 0, ...rest] = map(given.inputs[0]);
  if (given.ints('axis', 1, [1])[0] !== 1) throw new RangeError('an axis other than 1');
  return [batch, rest.reduce((product, size) => product * size, 1)];
}

function padShape({ inputs: [x, pads] }: Given): Shape {
  const shape = map(x);
  const ends = pads?.values;
  if (ends?.length !== 8 || ends.some((end) => end < 0)) throw new RangeError('pads that make no sense');
  return shape.map((size, axis) => size + (ends[axis] ?? 0) + (ends[axis + 4] ?? 0));
}

function clipShape({ inputs: [x, least, most] }: Given): Shape {
  constant(least, 0);
  constant(most, 0);
  return shapeOf(x);
}

/** Scale and zero point are single numbers, or one a channel of the first axis. */
function scaledShape(given: Given): Shape {
  const [x, scale, zero] = given.inputs;
  const shape = shapeOf(x);
  const scales = scale?.shape.length === 1 ? constant(scale, 1) : constant(scale, 0);
  if (constant(zero, scales.length).join() !== scales.join())
    throw new RangeError('a zero point that does not fit');
  if (scales.length === 1 && (given.ints('axis', 1, [1])[0] !== 0 || scales[0] !== shape[0]))
    throw new RangeError('a scale that does not fit');
  return shape;
}

function transposeShape(given: Given): Shape {
  const shape = map(given.inputs[0]);
  const order = given.ints('perm', 4);
  if ([...order].sort().join() !== '0,1,2,3') throw new RangeError('an order that makes no sense');
  return order.map((axis) => shape[axis] ?? 0);
}

/** As NumPy's: sizes of 1 are repeated. */
function broadcastShape({ inputs: [a, b] }: Given): Shape {
  const [first, second] = [shapeOf(a), shapeOf(b)];
  const rank = Math.max(first.length, second.length);
  const at = (shape: Shape, axis: number): number => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [at(first, axis), at(second, axis)];
    if (one !== other && one !== 1 && other !== 1) throw new RangeError('shapes that do not fit');
    return Math.max(one, other);
  });
}
