import protobuf from 'protobufjs';
import {
  attribute,
  ElementType,
  encodeModel,
  type Attribute,
  type TensorProto,
} from '../../src/onnx/index.js';

interface Parts {
  readonly nodes: readonly (readonly [op: string, inputs: string, attributes?: readonly Attribute[]])[];
  readonly shape: readonly number[];
  readonly constants?: readonly TensorProto[];
  /** Values given back; the last node's unless given. */
  readonly outputs?: readonly string[];
}

/** A file of that chain: node `i` gives the value `vi` and may read `x`, earlier ones and constants by their names. */
export function modelOf({ nodes, shape, constants = [], outputs }: Parts): Buffer {
  const end = (name: string) => ({ name, type: ElementType.float, shape: [] });
  return Buffer.from(
    encodeModel({
      version: '',
      nodes: nodes.map(([op, inputs, given = []], at) => ({
        name: `n${at}`,
        opType: op as never,
        input: inputs.split(' '),
        output: [`v${at}`],
        attribute: given,
      })),
      initializers: constants,
      inputs: [{ name: 'x', type: ElementType.float, shape }],
      outputs: (outputs ?? [`v${nodes.length - 1}`]).map(end),
      metadata: {},
    }),
  );
}

export const floats = (name: string, dims: readonly number[], bytes?: number): TensorProto => ({
  name,
  dims,
  dataType: ElementType.float,
  rawData: new Uint8Array(bytes ?? 4 * dims.reduce((product, side) => product * side, 1)),
});

export const whole = (name: string, values: readonly number[]): TensorProto => {
  const rawData = new Uint8Array(8 * values.length);
  const view = new DataView(rawData.buffer);
  values.forEach((value, at) => view.setBigInt64(8 * at, BigInt(value), true));
  return { name, dims: [values.length], dataType: ElementType.int64, rawData };
};

/** Adds a field that the schema does not know to a message. */
function field(number: number, bytes: Uint8Array): Buffer {
  const writer = protobuf.Writer.create();
  return Buffer.from(
    writer
      .uint32((number << 3) | 2)
      .bytes(bytes)
      .finish(),
  );
}

/** `If` within `If` within …, `levels` deep. */
function nestedIf(levels: number): Buffer {
  let graph: Buffer = Buffer.alloc(0);
  for (let level = 0; level < levels; level++) {
    const branch = Buffer.concat([field(1, Buffer.from('then_branch')), field(6, graph)]);
    graph = field(1, Buffer.concat([field(4, Buffer.from('If')), field(5, branch)]));
  }
  return field(7, graph);
}

const relu = { nodes: [['Relu', 'x']] as const, shape: [1, 3, 8, 8] };
const image = [1, 3, 256, 256];

/** Files that are meant to take memory, to run something else or to be read in two ways; none may be opened. */
export const HOSTILE: Readonly<Record<string, Uint8Array>> = {
  'Expand to 2^40 elements': modelOf({
    nodes: [['Expand', 'x size']],
    shape: [1],
    constants: [whole('size', [2 ** 20, 2 ** 20])],
  }),
  'If, nested 2,000 times': nestedIf(2000),
  'If in 36 MB': Buffer.concat(
    Array.from({ length: 36 }, () => field(7, field(1, field(5, field(6, Buffer.alloc(2 ** 20)))))),
  ),
  Loop: modelOf({ nodes: [['Loop', 'x']], shape: [1] }),
  Scan: modelOf({ nodes: [['Scan', 'x']], shape: [1] }),
  'a function': Buffer.concat([modelOf(relu), field(25, field(1, Buffer.from('Relu')))]),
  'training information': Buffer.concat([modelOf(relu), field(20, Buffer.alloc(0))]),
  'external data': Buffer.concat([
    modelOf(relu),
    field(
      7,
      field(
        5,
        field(13, Buffer.concat([field(1, Buffer.from('location')), field(2, Buffer.from('/etc/passwd'))])),
      ),
    ),
  ]),
  'a sparse constant': Buffer.concat([field(7, field(15, Buffer.alloc(0)))]),
  'two graphs': Buffer.concat([modelOf(relu), modelOf({ ...relu, nodes: [['Sigmoid', 'x']] })]),
  'Pad to 2^40 elements': modelOf({
    nodes: [['Pad', 'x pads']],
    shape: image,
    constants: [whole('pads', [0, 0, 0, 0, 0, 0, 2 ** 20, 2 ** 20])],
  }),
  'Pad of less than nothing': modelOf({
    nodes: [['Pad', 'x pads']],
    shape: image,
    constants: [whole('pads', [0, 0, -200, 0, 0, 0, 0, 0])],
  }),
  'a constant dequantised twice': modelOf({
    nodes: [
      ['DequantizeLinear', 'k scale zero'],
      ['DequantizeLinear', 'k scale zero'],
      ['Conv', 'x v0'],
    ],
    shape: image,
    constants: [floats('k', [4, 3, 1, 1]), floats('scale', []), floats('zero', [])],
  }),
  'a scale per channel that does not fit': modelOf({
    nodes: [
      ['DequantizeLinear', 'k scale zero', [attribute.integer('axis', 0)]],
      ['Conv', 'x v0'],
    ],
    shape: image,
    constants: [floats('k', [4, 3, 1, 1]), floats('scale', [3]), floats('zero', [3])],
  }),
  'an outer sum': modelOf({
    nodes: [
      ['AveragePool', 'x', [attribute.integers('kernel_shape', [1, 65_536])]],
      ['Transpose', 'v0', [attribute.integers('perm', [0, 1, 3, 2])]],
      ['Add', 'v0 v1'],
    ],
    shape: [1, 1, 65_536, 65_536],
  }),
  'a chain of outer sums': modelOf({
    nodes: [
      ['Transpose', 'x', [attribute.integers('perm', [0, 1, 3, 2])]],
      ['Add', 'x v0'],
    ],
    shape: [1, 1, 100_000, 1],
  }),
  'a window wider than its map': modelOf({
    nodes: [
      [
        'AveragePool',
        'x',
        [attribute.integers('kernel_shape', [2, 2]), attribute.integers('pads', [1e6, 1e6, 1e6, 1e6])],
      ],
    ],
    shape: image,
  }),
  'a window of size 0': modelOf({
    nodes: [['AveragePool', 'x', [attribute.integers('kernel_shape', [0, 0])]]],
    shape: image,
  }),
  'steps of 0': modelOf({
    nodes: [
      [
        'AveragePool',
        'x',
        [attribute.integers('kernel_shape', [2, 2]), attribute.integers('strides', [0, 0])],
      ],
    ],
    shape: image,
  }),
  'an input of 2^60 elements': modelOf({ nodes: [['Relu', 'x']], shape: [2 ** 30, 2 ** 30, 1, 1] }),
  'an input of less than nothing': modelOf({ nodes: [['Relu', 'x']], shape: [1, -3, 8, 8] }),
  'a constant without its bytes': modelOf({
    nodes: [['Add', 'x c']],
    shape: [1],
    constants: [floats('c', [2 ** 20, 2 ** 20], 4)],
  }),
  'a kernel that does not fit': modelOf({
    nodes: [['Conv', 'x k', [attribute.integer('group', 1)]]],
    shape: image,
    constants: [floats('k', [8, 4, 3, 3])],
  }),
  'a kernel of groups': modelOf({
    nodes: [['Conv', 'x k', [attribute.integer('group', 0)]]],
    shape: image,
    constants: [floats('k', [8, 3, 3, 3])],
  }),
  'an attribute of another kind': modelOf({
    nodes: [['AveragePool', 'x', [{ ...attribute.integers('kernel_shape', [2, 2]), type: 2 } as never]]],
    shape: image,
  }),
  'another attribute': modelOf({ nodes: [['Relu', 'x', [attribute.integer('alpha', 1)]]], shape: image }),
  'another type of element': modelOf({ nodes: [['Cast', 'x', [attribute.integer('to', 8)]]], shape: image }),
  'constants that make more of themselves': modelOf({
    nodes: [['Add', 'a b']],
    shape: [1],
    constants: [floats('a', [1024, 1]), floats('b', [1, 1024])],
  }),
  'a value that is not there': modelOf({ nodes: [['Add', 'x v7']], shape: [1] }),
  'an output that is not there': modelOf({ ...relu, outputs: ['v9'] }),
  '300,000 empty nodes': field(7, Buffer.from('0a00'.repeat(300_000), 'hex')),
  'a million numbers in one attribute': field(7, field(1, field(5, field(8, Buffer.alloc(2 ** 20))))),
  'a name of a megabyte': field(7, field(2, Buffer.alloc(2 ** 20, 'a'))),
  'names of bytes that are no text': field(7, field(2, Buffer.from([0xff, 0xfe]))),
  nothing: Buffer.alloc(0),
  zeros: Buffer.alloc(1000),
  text: Buffer.from('<html>\n'.repeat(100)),
};
