import { NasError, type Rng } from '../../../core/index.js';
import type { NamedNumbers } from '../../../network/index.js';

/** What a parameter is for, which its random numbers depend on. */
export type Role = 'kernel' | 'bias' | 'scale' | 'variance';

/** Where a detector's parameters come from, by the names that they have in PyTorch. */
export interface Parameters {
  /** Numbers of that shape in row-major order. @throws NasError `NAS_BAD_WEIGHTS` where given ones do not fit */
  take(name: string, shape: readonly number[], role: Role): Float32Array;
  /** All that was taken, in order, each once. */
  readonly taken: readonly NamedNumbers[];
}

/** Random ones: kernels by He, everything else near what it is at the start of training, but nowhere equal to it. */
export function randomParameters(rng: Rng): Parameters {
  return recorded((name, shape, role) => {
    const stream = rng.fork(name);
    const length = sizeOf(shape);
    const inputs = length / (shape[0] ?? 1);
    const draw = {
      kernel: () => (stream.uniform() * 2 - 1) * Math.sqrt(3 / inputs),
      bias: () => (stream.uniform() * 2 - 1) / 10,
      scale: () => 0.75 + stream.uniform() / 2,
      variance: () => 0.75 + stream.uniform() / 2,
    }[role];
    return Float32Array.from({ length }, draw);
  });
}

/** Those of a state dictionary. */
export function givenParameters(given: ReadonlyMap<string, Omit<NamedNumbers, 'name'>>): Parameters {
  return recorded((name, shape) => {
    const found = given.get(name);
    if (found?.shape.join() === shape.join()) return found.values;
    throw new NasError({
      code: 'NAS_BAD_WEIGHTS',
      found: found === undefined ? `no ${name}` : `${name} of shape ${found.shape.join('×')}`,
      expected: `${name} of shape ${shape.join('×')}`,
      fix: 'give weights of a detector with this backbone, hidden size, classes and decoder layers',
    });
  });
}

function recorded(take: Parameters['take']): Parameters {
  const taken = new Map<string, NamedNumbers>();
  return {
    get taken() {
      return [...taken.values()];
    },
    take(name, shape, role) {
      const before = taken.get(name);
      if (before?.shape.join() === shape.join()) return before.values;
      const values = take(name, shape, role);
      taken.set(name, { name, shape, values });
      return values;
    },
  };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
