import { formatBytes } from '../core/index.js';
import { ElementType, modelType, OPSET } from './format.js';
import { givenOf, type DecodedAttribute } from './given.js';
import { operatorOf } from './operators.js';
import { scanModel } from './scan.js';
import type { Shape, Value } from './value.js';

export interface ModelBounds {
  /** Bytes that one value of the network may take, in the file or while it runs. */
  readonly valueBytes: number;
}

/** What a scanned file decodes to; protobufjs leaves out what is not there. */
interface Decoded {
  readonly graph?: {
    readonly node?: readonly DecodedNode[];
    readonly initializer?: readonly DecodedTensor[];
    readonly input?: readonly DecodedEnd[];
    readonly output?: readonly DecodedEnd[];
  };
  readonly opsetImport?: readonly { readonly domain?: string; readonly version?: number }[];
}
interface DecodedNode {
  readonly input?: readonly string[];
  readonly output?: readonly string[];
  readonly opType?: string;
  readonly attribute?: readonly DecodedAttribute[];
}
interface DecodedTensor {
  readonly dims?: readonly number[];
  readonly dataType?: number;
  readonly name?: string;
  readonly rawData?: Uint8Array;
}
interface DecodedEnd {
  readonly name?: string;
  readonly type?: {
    readonly tensorType?: {
      readonly elemType?: number;
      readonly shape?: {
        readonly dim?: readonly { readonly dimValue?: number; readonly dimParam?: string }[];
      };
    };
  };
}

const WIDTHS: Readonly<Partial<Record<number, number>>> = {
  [ElementType.float]: 4,
  [ElementType.uint8]: 1,
  [ElementType.int8]: 1,
  [ElementType.int32]: 4,
  [ElementType.int64]: 8,
};
/** What an input may hold. */
const INPUTS: readonly number[] = [ElementType.float, ElementType.uint8];
const MOST_DIMENSIONS = 4;
/** Constants of whole numbers are pads. */
const MOST_WHOLE = 8;

/**
 * Whether an ONNX file from outside is one that an export of ours could be: its operators, attributes and types only,
 * shapes that fit each other, and no value larger than allowed. Runs nothing, and takes little more memory than the file.
 * @returns why it is not, in words, or null
 */
export function checkModel(bytes: Uint8Array, bounds: ModelBounds): string | null {
  const problem = scanModel(bytes);
  if (problem !== null) return problem;
  const type = modelType();
  try {
    checkDecoded(type.toObject(type.decode(bytes), { longs: Number }), bounds);
    return null;
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function checkDecoded({ graph = {}, opsetImport = [] }: Decoded, bounds: ModelBounds): void {
  const [opset] = opsetImport;
  if (opsetImport.length !== 1 || (opset?.domain ?? '') !== '' || opset?.version !== OPSET)
    throw new RangeError(`operators of another set than ONNX's version ${OPSET}`);
  const values = new Map<string, Value>();
  const add = (name: string | undefined, value: Value): void => {
    if (name === undefined || name === '' || values.has(name))
      throw new RangeError(`two values called ${JSON.stringify(name ?? '')}, or one without a name`);
    const size = value.shape.reduce((product, side) => product * side, value.width);
    if (value.shape.some((side) => !Number.isSafeInteger(side) || side < 1) || !(size <= bounds.valueBytes))
      throw new RangeError(
        `value ${name} of ${value.shape.join('×')} elements, ${formatBytes(size)}; at most ${formatBytes(bounds.valueBytes)}`,
      );
    values.set(name, value);
  };
  for (const tensor of graph.initializer ?? []) add(tensor.name, constantOf(tensor));
  for (const input of graph.input ?? []) add(input.name, inputOf(input));
  const scaled = new Set<string>();
  for (const node of graph.node ?? []) {
    const { output = [], opType = '' } = node;
    const [result, ...more] = output;
    if (more.length > 0) throw new RangeError(`operator ${opType} with ${output.length} results`);
    add(result, resultOf(opType, node, values, scaled));
  }
  for (const { name = '' } of graph.output ?? []) {
    if (values.get(name)?.constant !== false)
      throw new RangeError(`no value for output ${JSON.stringify(name)}`);
  }
}

/** @param scaled constants that were read as the first input of an operator, to be added to */
function resultOf(
  opType: string,
  node: DecodedNode,
  values: ReadonlyMap<string, Value>,
  scaled: Set<string>,
): Value {
  const operator = operatorOf(opType);
  if (operator === undefined) throw new RangeError(`operator ${opType}, which no export of ours has`);
  const inputs = (node.input ?? []).map((name) => {
    const value = values.get(name);
    if (value === undefined)
      throw new RangeError(`operator ${opType} reads ${JSON.stringify(name)} before it is there`);
    return value;
  });
  const [least, most] = operator.inputs;
  // What is computed from constants alone is kept in addition to them, so once at most.
  const constant = inputs[0]?.constant === true && operator.ofConstants === true;
  const [first = ''] = node.input ?? [];
  const again = constant && scaled.has(first);
  if (constant) scaled.add(first);
  if (inputs.length < least || inputs.length > most || again || inputs[0]?.constant !== constant)
    throw new RangeError(`operator ${opType} with other inputs than in our exports`);
  try {
    const given = givenOf(inputs, node.attribute ?? [], operator.attributes);
    return { shape: operator.shape(given), width: operator.width ?? 4, constant };
  } catch (error) {
    if (error instanceof RangeError)
      throw new RangeError(`operator ${opType}: ${error.message}`, { cause: error });
    throw error;
  }
}

function constantOf({ name = '', dims = [], dataType, rawData = new Uint8Array() }: DecodedTensor): Value {
  const width = widthOf(dataType);
  const count = dims.reduce((product, side) => product * side, 1);
  if (dims.length > MOST_DIMENSIONS || rawData.length !== count * width)
    throw new RangeError(`constant ${name}: ${rawData.length} bytes for ${dims.join('×')} elements`);
  if (dataType !== ElementType.int64) return { shape: dims, width, constant: true };
  if (count > MOST_WHOLE) throw new RangeError(`constant ${name}: ${count} whole numbers`);
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const numbers = Array.from({ length: count }, (_, at) => Number(view.getBigInt64(8 * at, true)));
  return { shape: dims, width, constant: true, values: numbers };
}

function inputOf({ name = '', type }: DecodedEnd): Value {
  const tensor = type?.tensorType;
  // A free size is 1 where networks are timed.
  const shape: Shape = (tensor?.shape?.dim ?? []).map(({ dimValue, dimParam }) =>
    dimParam === undefined ? (dimValue ?? 0) : 1,
  );
  if (shape.length > MOST_DIMENSIONS || !INPUTS.includes(tensor?.elemType ?? 0))
    throw new RangeError(`input ${name} of another type than in our exports`);
  return { shape, width: widthOf(tensor?.elemType), constant: false };
}

function widthOf(elementType = 0): number {
  const width = WIDTHS[elementType];
  if (width === undefined)
    throw new RangeError(`elements of type ${elementType}, which no export of ours has`);
  return width;
}
