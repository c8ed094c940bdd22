import type { Graph, Ref } from './graph.js';
import { attribute, DType } from './proto.js';

/** A resource variable: lives in the session, is read by value and changed by operations on `handle`. */
export interface Variable {
  readonly handle: Ref;
  /** The value before anything of the same run that is ordered after this read. */
  readonly value: Ref;
  readonly type: DType;
}

export function variable(g: Graph, name: string, shape: readonly number[], type: DType): Variable {
  const handle = g.node(
    'VarHandleOp',
    [],
    {
      dtype: attribute.type(type),
      shape: attribute.shape(shape),
      shared_name: attribute.text(name),
      container: attribute.text(''),
    },
    { name },
  );
  const value = g.node('ReadVariableOp', [handle], { dtype: attribute.type(type) });
  return { handle, value, type };
}

/** A node to be ordered after; it has no outputs. */
export function assign(g: Graph, v: Variable, value: Ref): Ref {
  return g.node('AssignVariableOp', [v.handle, value], { dtype: attribute.type(v.type) });
}

/**
 * Sets a variable to a value that was fed. Copies: a variable that kept the fed memory would give it back to
 * JavaScript from a thread of TensorFlow's.
 */
export function assignCopy(g: Graph, v: Variable, fed: Ref): Ref {
  return assign(g, v, g.node('DeepCopy', [fed], { T: attribute.type(v.type) }));
}

/** Gives a variable's memory back; it has no value until it is assigned one. */
export function forget(g: Graph, v: Variable): Ref {
  return g.node('DestroyResourceOp', [v.handle], { ignore_lookup_error: attribute.bool(true) });
}

export function placeholder(g: Graph, name: string, shape: readonly number[], type: DType): Ref {
  return g.node('Placeholder', [], { dtype: attribute.type(type), shape: attribute.shape(shape) }, { name });
}

/** A node that can be fetched to have others run. */
export function done(g: Graph, name: string, after: readonly Ref[]): Ref {
  return g.node(
    'Const',
    [],
    { dtype: attribute.type(DType.float), value: attribute.tensor(DType.float, [], Float32Array.of(0)) },
    { name, after },
  );
}

export function named(g: Graph, name: string, value: Ref, after: readonly Ref[] = []): Ref {
  return g.node('Identity', [value], { T: attribute.type(DType.float) }, { name, after });
}
