import { attribute, DType, type Attribute, type NodeDef } from './proto.js';

/** One output of a node: `name` or `name:index`, as in a NodeDef's inputs. */
export type Ref = string & { readonly __ref: true };

/** A TensorFlow graph that only grows; equal constants are one node. */
export interface Graph {
  /** What it will run on: some gradients are put together otherwise where that is faster. */
  readonly device: 'cpu' | 'gpu';
  readonly nodes: readonly NodeDef[];
  /**
   * Adds a node and returns its first output; {@link output} names the others.
   * @param after nodes that must have run before
   */
  node(
    op: string,
    inputs: readonly Ref[],
    attributes?: Readonly<Record<string, Attribute>>,
    options?: { readonly name?: string; readonly after?: readonly Ref[] },
  ): Ref;
  constant(shape: readonly number[], values: Float32Array | Int32Array): Ref;
  floats(...values: number[]): Ref;
  ints(...values: number[]): Ref;
  /** A scalar. */
  float(value: number): Ref;
  int(value: number): Ref;
}

export function createGraph(device: Graph['device'] = 'cpu'): Graph {
  const nodes: NodeDef[] = [];
  const constants = new Map<string, Ref>();

  const graph: Graph = {
    device,
    nodes,
    node(op, inputs, attributes = {}, { name = `n${nodes.length}`, after = [] } = {}) {
      const control = after.map((ref) => `^${ref.split(':')[0] as string}`);
      nodes.push({ name, op, input: [...inputs, ...control], attr: attributes });
      return name as Ref;
    },
    constant(shape, values) {
      const dtype = values instanceof Float32Array ? DType.float : DType.int32;
      return graph.node('Const', [], {
        dtype: attribute.type(dtype),
        value: attribute.tensor(dtype, shape, values),
      });
    },
    floats: (...values) => shared([values.length], Float32Array.from(values)),
    ints: (...values) => shared([values.length], Int32Array.from(values)),
    float: (value) => shared([], Float32Array.of(value)),
    int: (value) => shared([], Int32Array.of(value)),
  };

  function shared(shape: readonly number[], values: Float32Array | Int32Array): Ref {
    const key = `${values.constructor.name} ${shape.join()} ${values.join()}`;
    const known = constants.get(key);
    if (known !== undefined) return known;
    const made = graph.constant(shape, values);
    constants.set(key, made);
    return made;
  }

  return graph;
}

/** The output of that index of the node whose first output is given. */
export function output(first: Ref, index: number): Ref {
  return (index === 0 ? first : `${first}:${index}`) as Ref;
}
