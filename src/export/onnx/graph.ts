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
  /** Operators one behind the other from `inputs` to the value `output`; nodes are named `<name>/<operator>`. */
  chain(name: string, inputs: readonly string[], steps: readonly Step[], output: string): void;
}

export function createGraph(): GraphBuilder {
  const nodes: NodeProto[] = [];
  const initializers: TensorProto[] = [];
  return {
    nodes,
    initializers,
    constant(name, shape, values, type = ElementType.float) {
      if (initializers.some((known) => known.name === name)) return name;
      initializers.push({ name, dims: shape, dataType: type, rawData: raw(values, type) });
      return name;
    },
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

/** Numbers as ONNX's `raw_data`: little-endian on every machine. */
function raw(values: ArrayLike<number>, type: ElementType): Uint8Array {
  if (type !== ElementType.int64 && LITTLE_ENDIAN) return new Uint8Array(new Float32Array(values).buffer);
  const size = type === ElementType.int64 ? 8 : 4;
  const bytes = new Uint8Array(size * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (type === ElementType.int64) view.setBigInt64(size * i, BigInt(value), true);
    else view.setFloat32(size * i, value, true);
  }
  return bytes;
}
