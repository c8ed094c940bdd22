import type { Network, Parameter, Weights } from '../../../network/index.js';
import type { Graph, Ref } from '../graph/graph.js';
import { concatenate, reshape, slice, split } from '../graph/operations.js';

/**
 * All parameters of one kind lie in one vector, so that reading them, feeding them, the optimiser and the moving
 * average are one operation each. The vector has rows of 16 floats and every parameter begins a row: parts cut
 * off at multiples of 64 bytes are views, not copies, in TensorFlow.
 */
export const ROW = 16;

/** Kernels (the decayed ones), everything else that is trained, moving statistics. Any of them may be empty. */
export interface Sections {
  readonly kernels: readonly Parameter[];
  readonly others: readonly Parameter[];
  readonly statistics: readonly Parameter[];
}

export function sectionsOf(network: Network): Sections {
  return {
    kernels: network.parameters.filter(({ role }) => role === 'kernel'),
    others: network.parameters.filter(({ role, trained }) => trained && role !== 'kernel'),
    statistics: network.parameters.filter(({ trained }) => !trained),
  };
}

export function rowsOf(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { size }) => sum + Math.ceil(size / ROW), 0);
}

/** The parameters' numbers as a vector. @throws RangeError for one that is missing or of another size */
export function pack(weights: Weights, parameters: readonly Parameter[]): Float32Array {
  const vector = new Float32Array(rowsOf(parameters) * ROW);
  let row = 0;
  for (const { name, size } of parameters) {
    const values = weights.get(name);
    if (values?.length !== size)
      throw new RangeError(`weights of ${name}: expected ${size} numbers, found ${values?.length ?? 'none'}`);
    vector.set(values, row * ROW);
    row += Math.ceil(size / ROW);
  }
  return vector;
}

/** The inverse of {@link pack}: copies, by name. */
export function unpack(vector: Float32Array, parameters: readonly Parameter[]): Map<string, Float32Array> {
  let row = 0;
  return new Map(
    parameters.map(({ name, size }) => {
      const values = vector.slice(row * ROW, row * ROW + size);
      row += Math.ceil(size / ROW);
      return [name, values];
    }),
  );
}

/** A vector's parameters in their shapes, by name. */
export function cut(g: Graph, vector: Ref, parameters: readonly Parameter[]): Map<string, Ref> {
  if (parameters.length === 0) return new Map();
  const parts = split(
    g,
    vector,
    parameters.map(({ size }) => Math.ceil(size / ROW)),
  );
  return new Map(
    parameters.map(({ name, size, shape }, index) => {
      const part = parts[index] as Ref;
      if (size % ROW === 0) return [name, reshape(g, part, shape)];
      const flat = slice(g, reshape(g, part, [-1]), [0], [size]);
      return [name, shape.length === 1 ? flat : reshape(g, flat, shape)];
    }),
  );
}

/** The inverse of {@link cut}. */
export function join(g: Graph, values: ReadonlyMap<string, Ref>, parameters: readonly Parameter[]): Ref {
  const parts = parameters.flatMap(({ name, size, shape }) => {
    const value = values.get(name);
    if (value === undefined) throw new RangeError(`nothing computed for ${name}`);
    const flat = shape.length === 1 ? value : reshape(g, value, [-1]);
    const missing = Math.ceil(size / ROW) * ROW - size;
    return missing === 0 ? [flat] : [flat, g.floats(...new Float32Array(missing))];
  });
  return reshape(g, concatenate(g, parts), [-1, ROW]);
}
