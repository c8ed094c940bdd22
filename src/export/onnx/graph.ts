import { endianness } from 'node:os';
import {
  ElementType,
  type Attribute,
  type NodeProto,
  type OperatorName,
  type TensorProto,
} from '../../onnx/index.js';

/** One operator of a chain: it reads the chain's value and then `constants`. */
export interface Step {
  readonly op: OperatorName;
  readonly constants?: readonly string[];
  readonly attributes?: readonly Attribute[];
}

/** An ONNX graph under construction. Values are named by the node's caller, constants by themselves. */
export interface GraphBuilder {
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  /** Returns the name; the same name gives the same constant, so that shared ones are written once. */
  constant(name: string, shape: readonly number[], values: ArrayLike<number>, type?: ElementType): string;
  /** As {@link constant}, written already. */
  tensor(tensor: TensorProto): string;
  /** An operator, unchanged. */
  append(node: NodeProto): void;
  /** Operators one behind the other from `inputs` to the value `output`; nodes are named `<name>/<operator>`. */
  chain(name: string, inputs: readonly string[], steps: readonly Step[], output: string): void;
}

export function createGraph(): GraphBuilder {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  const names = new Set<string>();
  const add = (tensor: TensorProto): string => {
    names.add(tensor.name);
    initializers.push(tensor);
    return tensor.name;
  };
  return {
    nodes,
    initializers,
    constant(name, shape, values, type = ElementType.float) {
      if (names.has(name)) return name;
      return add({ name, dims: shape, dataType: type, rawData: raw(values, type) });
    },
    tensor: (tensor) => (names.has(tensor.name) ? tensor.name : add(tensor)),
    append: (node) => void nodes.push(node),
    chain(name, inputs, steps, output) {
      let read = inputs;
      for (const [index, { op, constants = [], attributes = [] }] of steps.entries()) {
        const made = index === steps.length - 1 ? output : `${name}/${op}`;
        const input = [...read, ...constants];
        nodes.push({ name: `${name}/${op}`, opType: op, input, output: [made], attribute: attributes });
        read = [made];
      }
    },
  };
}

const LITTLE_ENDIAN = endianness() === 'LE';

/** Bytes of an element, and how one is written. */
const WRITERS: Readonly<
  Record<ElementType, readonly [bytes: number, write: (view: DataView, at: number, value: number) => void]>
> = {
  [ElementType.float]: [4, (view, at, value) => view.setFloat32(at, value, true)],
  [ElementType.uint8]: [1, (view, at, value) => view.setUint8(at, value)],
  [ElementType.int8]: [1, (view, at, value) => view.setInt8(at, value)],
  [ElementType.int32]: [4, (view, at, value) => view.setInt32(at, value, true)],
  [ElementType.int64]: [8, (view, at, value) => view.setBigInt64(at, BigInt(value), true)],
};

/** Numbers as ONNX's `raw_data`: little-endian on every machine. */
function raw(values: ArrayLike<number>, type: ElementType): Uint8Array {
  if (type === ElementType.float && LITTLE_ENDIAN) return new Uint8Array(new Float32Array(values).buffer);
  const [size, write] = WRITERS[type];
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) write(view, size * i, values[i] as number);
  return bytes;
}

/** The numbers of a float constant. */
export function floatsOf({ name, dataType, rawData }: TensorProto): Float32Array {
  if (dataType !== ElementType.float) throw new RangeError(`constant ${name} is not of floats`);
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  return Float32Array.from({ length: rawData.byteLength / 4 }, (_, i) => view.getFloat32(4 * i, true));
}
