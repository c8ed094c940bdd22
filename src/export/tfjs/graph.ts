/** A graph as TensorFlow's GraphDef in JSON, the form tensorflowjs_converter writes and tfjs-converter reads. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr: Readonly<Record<string, Attribute>>;
}

/** AttrValue in protobuf's JSON form: bytes are base64, 64-bit integers are strings. */
export type Attribute =
  | { readonly type: DataType }
  | { readonly b: boolean }
  | { readonly s: string }
  | { readonly list: { readonly i: readonly string[] } }
  | { readonly shape: TensorShape }
  | { readonly tensor: { readonly dtype: DataType; readonly tensorShape: TensorShape } };

type DataType = 'DT_FLOAT' | 'DT_INT32';
interface TensorShape {
  readonly dim: readonly { readonly size: string }[];
}

export interface WeightSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
}

/** A graph under construction; each method returns the name of the node it added. */
export interface GraphBuilder {
  readonly nodes: readonly GraphNode[];
  readonly specs: readonly WeightSpec[];
  readonly values: readonly (Float32Array | Int32Array)[];
  placeholder(name: string, shape: readonly number[]): string;
  /** A constant; the same name gives the same node, so that shared ones are written once. */
  constant(name: string, shape: readonly number[], values: Float32Array | Int32Array): string;
  node(
    name: string,
    op: string,
    input: readonly string[],
    attributes?: Readonly<Record<string, Attribute>>,
  ): string;
}

const FLOAT: Attribute = { type: 'DT_FLOAT' };

export function createGraph(): GraphBuilder {
  const nodes: GraphNode[] = [];
  const specs: WeightSpec[] = [];
  const values: (Float32Array | Int32Array)[] = [];
  return {
    nodes,
    specs,
    values,
    placeholder(name, shape) {
      nodes.push({ name, op: 'Placeholder', attr: { dtype: FLOAT, shape: { shape: shapeOf(shape) } } });
      return name;
    },
    constant(name, shape, numbers) {
      if (specs.some((spec) => spec.name === name)) return name;
      const dtype = numbers instanceof Float32Array ? 'DT_FLOAT' : 'DT_INT32';
      const value = { tensor: { dtype, tensorShape: shapeOf(shape) } } as const;
      nodes.push({ name, op: 'Const', attr: { dtype: { type: dtype }, value } });
      specs.push({ name, shape, dtype: dtype === 'DT_FLOAT' ? 'float32' : 'int32' });
      values.push(numbers);
      return name;
    },
    node(name, op, input, attributes = {}) {
      nodes.push({ name, op, input, attr: { T: FLOAT, ...attributes } });
      return name;
    },
  };
}

/** −1 is a free dimension. */
export function shapeOf(shape: readonly number[]): TensorShape {
  return { dim: shape.map((size) => ({ size: String(size) })) };
}

export function text(value: string): Attribute {
  return { s: Buffer.from(value).toString('base64') };
}

export function integers(...values: readonly number[]): Attribute {
  return { list: { i: values.map(String) } };
}
