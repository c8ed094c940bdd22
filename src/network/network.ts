import type { Layer, Shape } from '../space/index.js';

/**
 * What a parameter is for; decides its start value, its decay and what surgery does to it.
 * `kernel`: [kh,kw,in,out] of `conv`, [kh,kw,channels,1] of `dwconv`, [in,out] of `dense`.
 * `mean`, `variance`: moving averages of normalisation, not trained.
 */
export type Role = 'kernel' | 'bias' | 'scale' | 'offset' | 'mean' | 'variance';

export interface Parameter {
  /** `<layer>.<role>`, e.g. `3.expand.kernel`. */
  readonly name: string;
  readonly layer: string;
  readonly role: Role;
  readonly shape: readonly number[];
  readonly size: number;
  readonly trained: boolean;
}

/** Layers in order of execution with the parameters they read. Plain and frozen; holds no numbers. */
export interface Network {
  readonly input: Shape;
  readonly classes: number;
  readonly layers: readonly Layer[];
  readonly parameters: readonly Parameter[];
}

/** The numbers of a network, by parameter name; row-major as the parameter's shape. */
export type Weights = ReadonlyMap<string, Float32Array>;
