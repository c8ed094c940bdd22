import { attribute, ElementType, type NodeProto, type TensorProto } from '../../onnx/index.js';
import { createGraph, floatsOf, type GraphBuilder } from './graph.js';

/** Smallest and largest number of a value, 0 between them. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Int8Options {
  /** Range of a value of the float graph; what is beyond is cut off. Of a mean that was not observed that of what is averaged. */
  range(value: string): Range | undefined;
  /** Parts that stay in float, see {@link partOf}. */
  readonly float: ReadonlySet<string>;
}

/** A graph of nodes in order of execution. */
export interface Graph extends Pick<GraphBuilder, 'nodes' | 'initializers'> {
  /** Value that the first layer reads. */
  readonly input: string;
  readonly outputs: ReadonlySet<string>;
}

/** Operators with kernels. */
const KERNELS: readonly NodeProto['opType'][] = ['Conv', 'Gemm'];
/** Part of a convolution in every runtime, so nothing is rounded between the two. */
const FUSED: readonly NodeProto['opType'][] = ['Relu', 'Clip'];
/** Around the network; never quantised. */
const OUTSIDE: readonly NodeProto['opType'][] = ['Transpose', 'Cast', 'Sub', 'Div', 'Softmax', 'Identity'];

const LEVELS = 255;
/**
 * Largest weight. AVX2 adds products of two pairs in 16 bits (VPMADDUBSW), which 255·127·2 overflows and 255·63·2 does not, so that
 * every processor computes the same; depthwise kernels are not added that way.
 */
const LARGEST = { depthwise: 127, other: 63 } as const;
/** A bias is a whole number of 32 bits times the scales of input and kernel. */
const LARGEST_BIAS = 2 ** 30;
const SMALLEST_SCALE = 1e-12;

/**
 * What stays in float as one: a layer with a kernel by its name (`3.expand`), a whole squeeze-and-excite (`3.se`).
 * @param node name of an operator, `<layer>/<operator>`
 */
export function partOf(node: string): string {
  const layer = node.slice(0, node.lastIndexOf('/'));
  const gate = /^(.*)\.(?:squeeze|reduce|excite)$/.exec(layer);
  return gate === null ? layer : `${gate[1]}.se`;
}

/** The parts of a graph in order of execution: those that have kernels, and all. */
export function partsOf({ nodes }: Pick<Graph, 'nodes'>): {
  readonly kernels: readonly string[];
  readonly all: readonly string[];
} {
  const namesOf = (some: readonly NodeProto[]) => [...new Set(some.map(({ name }) => partOf(name)))];
  return { kernels: namesOf(nodes.filter(({ opType }) => KERNELS.includes(opType))), all: namesOf(nodes) };
}

/**
 * A float graph with whole numbers of 8 bits in QDQ form: values as uint8 with one scale, kernels as int8 with a scale per output
 * channel around zero, biases as int32. Every value that an operator in whole numbers reads or gives passes through
 * QuantizeLinear and DequantizeLinear; runtimes that know the form make integer operators of it, others compute the same in
 * float.
 */
export function quantised(
  graph: Graph,
  { range: observed, float }: Int8Options,
): Pick<Graph, 'nodes' | 'initializers'> {
  const { nodes, initializers, input, outputs } = graph;
  const constants = new Map(initializers.map((tensor) => [tensor.name, tensor]));
  const producers = new Map(nodes.map((node) => [node.output[0], node]));
  const consumersOf = (value: string) => nodes.filter((node) => node.input.includes(value));
  const whole = ({ name, opType }: NodeProto) => !OUTSIDE.includes(opType) && !float.has(partOf(name));
  const made = createGraph();
  const range = (value: string): Range => {
    const known = observed(value);
    if (known !== undefined) return known;
    const [read] = producers.get(value)?.input ?? [];
    if (read === undefined) throw new RangeError(`no range of value ${value}`);
    return range(read);
  };

  /** Whether a value passes through whole numbers. */
  const passes = memo((value: string): boolean => {
    const producer = producers.get(value);
    const consumers = consumersOf(value);
    const [next] = consumers;
    const kernel = producer !== undefined && KERNELS.includes(producer.opType);
    if (kernel && next !== undefined && FUSED.includes(next.opType) && consumers.length === 1) return false;
    if (consumers.some(whole)) return true;
    // Nothing reads it in whole numbers, such as logits; a convolution is one in whole numbers only with a rounded result.
    if (producer === undefined || !whole(producer)) return false;
    return !outputs.has(value) || producer.opType === 'Conv';
  });
  // An output keeps its name behind the rounding.
  const exact = (value: string) => (passes(value) && outputs.has(value) ? `${value}/exact` : value);
  const rounded = (value: string) => (outputs.has(value) ? value : `${value}/rounded`);
  const read = (value: string, node: NodeProto): string => {
    const producer = producers.get(value);
    if (!passes(value)) return value;
    return whole(node) || (producer !== undefined && whole(producer)) ? rounded(value) : exact(value);
  };
  const round = (value: string): void => {
    const { scale, zero } = scaleOf(range(value));
    const words = [
      made.constant(`${value}/scale`, [], [scale]),
      made.constant(`${value}/zero`, [], [zero], ElementType.uint8),
    ];
    const steps = (['QuantizeLinear', 'DequantizeLinear'] as const).map((op) => ({ op, constants: words }));
    made.chain(`${value}/round`, [exact(value)], steps, rounded(value));
  };

  if (passes(input) && !producers.has(input)) round(input);
  for (const node of nodes) {
    const [result = ''] = node.output;
    const values = node.input.filter((name) => !constants.has(name));
    const own = node.input.flatMap((name) => constants.get(name) ?? []);
    const kernel = whole(node) && KERNELS.includes(node.opType);
    const scale = kernel ? scaleOf(range(values[0] ?? '')).scale : 0;
    const words = kernel ? wholeKernel(made, own, scale) : own.map((tensor) => kept(made, tensor));
    const reads = [...values.map((value) => read(value, node)), ...words];
    made.append({ ...node, input: reads, output: [exact(result)] });
    if (passes(result)) round(result);
  }
  return made;
}

/** A range as 256 steps, 0 being one of them. */
function scaleOf({ low, high }: Range): { readonly scale: number; readonly zero: number } {
  const [least, most] = [Math.min(low, 0), Math.max(high, 0)];
  const scale = Math.max((most - least) / LEVELS, SMALLEST_SCALE);
  return { scale, zero: Math.min(LEVELS, Math.max(0, Math.round(-least / scale))) };
}

function kept(made: GraphBuilder, { name, dims, dataType, rawData }: TensorProto): string {
  return made.tensor({ name, dims, dataType, rawData });
}

/** Kernel and bias as whole numbers, behind the operators that give them their scale. */
function wholeKernel(
  made: GraphBuilder,
  tensors: readonly TensorProto[],
  inputScale: number,
): readonly string[] {
  const [kernel, bias] = tensors;
  if (kernel === undefined) throw new RangeError('an operator without its kernel');
  const [channels = 0, inputs = 0] = kernel.dims;
  const values = floatsOf(kernel);
  const offsets = bias === undefined ? undefined : floatsOf(bias);
  const largest = kernel.dims.length === 4 && inputs === 1 ? LARGEST.depthwise : LARGEST.other;
  const each = values.length / channels;
  const scales = Array.from({ length: channels }, (_, c) => {
    let most = 0;
    for (let i = c * each; i < (c + 1) * each; i++) most = Math.max(most, Math.abs(values[i] as number));
    const forBias = Math.abs(offsets?.[c] ?? 0) / (inputScale * LARGEST_BIAS);
    // As the file holds it, so that numbers are rounded by the scale that they will be multiplied with.
    return Math.fround(Math.max(most / largest, forBias, SMALLEST_SCALE));
  });
  const scaleAt = (c: number) => scales[c] as number;
  const clip = (value: number) => Math.min(largest, Math.max(-largest, Math.round(value)));
  const numbers = Array.from(values, (value, i) => clip(value / scaleAt(Math.floor(i / each))));
  const scaled = (
    tensor: TensorProto,
    type: ElementType,
    whole: ArrayLike<number>,
    by: readonly number[],
  ) => {
    const { name, dims } = tensor;
    const reads = [
      made.constant(`${name}/whole`, dims, whole, type),
      made.constant(`${name}/scale`, [channels], by),
      made.constant(`${name}/zero`, [channels], new Array<number>(channels).fill(0), type),
    ];
    const step = { op: 'DequantizeLinear', attributes: [attribute.integer('axis', 0)] } as const;
    made.chain(name, reads, [step], `${name}/rounded`);
    return `${name}/rounded`;
  };
  const words = [scaled(kernel, ElementType.int8, numbers, scales)];
  if (bias === undefined || offsets === undefined) return words;
  const by = scales.map((scale) => Math.fround(scale * inputScale));
  const whole = Array.from(offsets, (value, c) => Math.round(value / (by[c] as number)));
  return [...words, scaled(bias, ElementType.int32, whole, by)];
}

/**
 * Ranges as they usually are, by operator: for measuring time, which does not depend on the numbers. The graph's answers
 * are worthless.
 */
export function assumedRange({ nodes }: Pick<Graph, 'nodes'>): (value: string) => Range {
  const operators = new Map(nodes.map(({ opType, output }) => [output[0], opType]));
  return (value) => {
    switch (operators.get(value)) {
      case 'HardSwish':
        return { low: -0.375, high: 6 };
      case 'HardSigmoid':
      case 'Sigmoid':
        return { low: 0, high: 1 };
      case 'Relu':
      case 'Clip':
        return { low: 0, high: 6 };
      default:
        return { low: -6, high: 6 };
    }
  };
}

function memo<V>(compute: (key: string) => V): (key: string) => V {
  const known = new Map<string, V>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}
