import { outputName } from './outputs.js';
import {
  attribute,
  DType,
  encodeConfig,
  type ArgDef,
  type FunctionDef,
  type GraphDef,
  type NodeDef,
  type Optimiser,
} from './proto.js';

/** Something a graph can be asked for. */
export interface Entry {
  /** The node to run up to; its first output is a float tensor. */
  readonly name: string;
  /** The one placeholder that is read. */
  readonly feed?: string;
  /**
   * Fed that multiple of the rows, it computes the parts separately and concurrently, and gives all rows; default 1. A forward
   * pass is a chain, so one alone keeps one core busy.
   */
  readonly parts?: number;
  readonly optimisers: readonly Optimiser[];
}

/** Feeds of {@link asFunctions}' graph: index of the entry, the fed tensor's bytes; and what to fetch. */
export const [CHOICE, BYTES, RESULT] = ['fed:0', 'fed:1', 'result'];

/**
 * The graph as one function per entry, chosen by an index when the graph is run.
 *
 * TensorFlow optimises a session's graph for each new set of fetches, by all passes, and copies all of it each time.
 * A graph of fewer than four nodes is exempt, and the body of a function that is called by `StatefulPartitionedCall` is
 * optimised as its `config_proto` says. So: `fed` (an operation with two outputs and no inputs, both always fed),
 * a copy, `Case`. What is fed is copied before any function sees it, because a function's arguments may be given back
 * on a thread of TensorFlow's, which JavaScript's memory does not allow. `RemoteCall` is there since TensorFlow's passes look
 * into every function that can be reached by the other kinds of call, again for each level.
 */
export function asFunctions(nodes: readonly NodeDef[], entries: readonly Entry[]): GraphDef {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const branch = (entry: Entry) => `choose.${entry.name}`;
  const main: NodeDef[] = [
    {
      name: 'fed',
      op: 'Unstage',
      input: [],
      attr: {
        capacity: attribute.int(0),
        memory_limit: attribute.int(0),
        dtypes: attribute.types([DType.int32, DType.uint8]),
        container: attribute.text(''),
        shared_name: attribute.text(''),
      },
    },
    { name: 'copy', op: 'DeepCopy', input: ['fed:1'], attr: { T: attribute.type(DType.uint8) } },
    {
      name: 'result',
      op: 'Case',
      input: ['fed', 'copy'],
      attr: {
        Tin: attribute.types([DType.uint8]),
        Tout: attribute.types([DType.float]),
        branches: attribute.functions(entries.map(branch)),
        output_shapes: { list: { i: [] } },
      },
    },
  ];
  const library = entries.flatMap((entry) => [
    body(byName, nodes, entry),
    caller(byName, entry),
    wrapped(branch(entry), [
      {
        name: 'device',
        op: 'Const',
        input: [],
        attr: { dtype: attribute.type(DType.string), value: DEVICE },
      },
      {
        name: 'call',
        op: 'RemoteCall',
        input: ['device:output:0', 'bytes'],
        attr: {
          Tin: attribute.types([DType.uint8]),
          Tout: attribute.types([DType.float]),
          f: attribute.function(`call.${entry.name}`),
        },
      },
    ]),
  ]);
  return { nodes: main, library };
}

const DEVICE = attribute.textTensor('/job:localhost/replica:0/task:0/device:CPU:0');

/** Neither inlined nor optimised by whom it is called. */
const CLOSED = { _noinline: attribute.bool(true), _tf_data_function: attribute.bool(true) };

/** A function of the fed bytes that gives what the node `call` does. */
function wrapped(name: string, nodeDef: readonly NodeDef[]): FunctionDef {
  return {
    signature: {
      name,
      inputArg: [{ name: 'bytes', type: DType.uint8 }],
      outputArg: [RESULT_ARG],
      isStateful: true,
    },
    nodeDef,
    ret: { result: 'call:output:0' },
    attr: CLOSED,
  };
}

const RESULT_ARG: ArgDef = { name: 'result', type: DType.float };

/** The part of the graph that an entry needs. Nodes follow what they read, as {@link Graph} writes them. */
function body(byName: ReadonlyMap<string, NodeDef>, nodes: readonly NodeDef[], entry: Entry): FunctionDef {
  const needed = new Set([entry.name]);
  for (const node of nodes.toReversed())
    if (needed.has(node.name)) for (const input of node.input) needed.add(nameOf(input));
  const reference = (input: string) => {
    if (input.startsWith('^')) return input;
    const [name = '', index = '0'] = input.split(':');
    const op = byName.get(name)?.op ?? '';
    return op === 'Placeholder' ? name : `${name}:${outputName(op, Number(index))}`;
  };
  const own = nodes.filter(({ name }) => needed.has(name));
  return {
    signature: {
      name: `body.${entry.name}`,
      inputArg: own.filter(({ op }) => op === 'Placeholder').map(argumentOf),
      outputArg: [RESULT_ARG],
      isStateful: true,
    },
    nodeDef: own
      .filter(({ op }) => op !== 'Placeholder')
      .map((node) => ({ ...node, input: node.input.map(reference) })),
    ret: { result: reference(entry.name) },
    attr: CLOSED,
  };
}

const nameOf = (input: string) => input.replace('^', '').split(':')[0] as string;

/** Gives the fed bytes type and shape and calls the body. */
function caller(byName: ReadonlyMap<string, NodeDef>, entry: Entry): FunctionDef {
  const placeholder = entry.feed === undefined ? undefined : byName.get(entry.feed);
  const type = placeholder === undefined ? undefined : argumentOf(placeholder).type;
  const call = (name: string, input: readonly string[]): NodeDef => ({
    name,
    op: 'StatefulPartitionedCall',
    input: [...input],
    attr: {
      Tin: attribute.types(type === undefined ? [] : [type]),
      Tout: attribute.types([DType.float]),
      f: attribute.function(`body.${entry.name}`),
      config: attribute.text(''),
      config_proto: attribute.bytes(encodeConfig(entry.optimisers)),
      executor_type: attribute.text(''),
    },
  });
  if (placeholder === undefined || type === undefined)
    return wrapped(`call.${entry.name}`, [call('call', [])]);
  const { parts = 1 } = entry;
  const [rows = 1, ...rest] = shapeOf(placeholder);
  const shape = parts > 1 ? [rows * parts, ...rest] : shapeOf(placeholder);
  const words = type !== DType.uint8;
  return wrapped(`call.${entry.name}`, [
    ...(words ? [ints('words', [shape.reduce((a, b) => a * b, 1), 4])] : []),
    ...(words ? [reshape('quads', 'bytes', 'words', DType.uint8)] : []),
    ...(words
      ? [
          {
            name: 'numbers',
            op: 'Bitcast',
            input: ['quads:output:0'],
            attr: { T: attribute.type(DType.uint8), type: attribute.type(type) },
          },
        ]
      : []),
    ints('shape', shape),
    reshape('shaped', words ? 'numbers:output:0' : 'bytes', 'shape', type),
    ...(parts > 1 ? inParts(parts, type, call) : [call('call', ['shaped:output:0'])]),
  ]);
}

/** `shaped` cut into parts by rows, a call of each, and `call`, their results one below the other. */
function inParts(
  parts: number,
  type: DType,
  call: (name: string, input: readonly string[]) => NodeDef,
): NodeDef[] {
  const index = Array.from({ length: parts }, (_, i) => i);
  const count = attribute.int(parts);
  return [
    scalar('axis', 0),
    {
      name: 'cut',
      op: 'Split',
      input: ['axis:output:0', 'shaped:output:0'],
      attr: { num_split: count, T: attribute.type(type) },
    },
    ...index.map((i) => call(`part${i}`, [`cut:output:${i}`])),
    {
      name: 'call',
      op: 'ConcatV2',
      input: [...index.map((i) => `part${i}:output:0`), 'axis:output:0'],
      attr: { N: count, T: attribute.type(DType.float), Tidx: attribute.type(DType.int32) },
    },
  ];
}

function scalar(name: string, value: number): NodeDef {
  const tensor = attribute.tensor(DType.int32, [], Int32Array.of(value));
  return { name, op: 'Const', input: [], attr: { dtype: attribute.type(DType.int32), value: tensor } };
}

function ints(name: string, values: readonly number[]): NodeDef {
  const value = attribute.tensor(DType.int32, [values.length], Int32Array.from(values));
  return { name, op: 'Const', input: [], attr: { dtype: attribute.type(DType.int32), value } };
}

function reshape(name: string, x: string, shape: string, type: DType): NodeDef {
  return {
    name,
    op: 'Reshape',
    input: [x, `${shape}:output:0`],
    attr: { T: attribute.type(type), Tshape: attribute.type(DType.int32) },
  };
}

function argumentOf({ name, attr }: NodeDef): ArgDef {
  const dtype = attr['dtype'];
  if (dtype === undefined || !('type' in dtype)) throw new RangeError(`${name} has no type`);
  return { name, type: dtype.type as DType };
}

export function shapeOf({ name, attr }: NodeDef): readonly number[] {
  const shape = attr['shape'];
  if (shape === undefined || !('shape' in shape)) throw new RangeError(`${name} has no shape`);
  return shape.shape.dim.map(({ size }) => size);
}
