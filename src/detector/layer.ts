/**
 * One operation of a detector with its sizes, for one picture. Plain; made by the functions below, which know how many
 * parameters it trains.
 * - `conv`: full or grouped convolution to a map of `positions` pixels, then batch normalisation where `norm`
 * - `linear`: `positions` vectors of `inputs` numbers to `outputs`, with a bias
 * - `norm`: layer normalisation of `positions` vectors
 * - `attention`: self-attention of `positions` vectors with `heads` heads, projections included
 * - `embedding`: a table of vectors that only training reads
 * - `code`: the sine and cosine position code of a map
 * - `upsample`: nearest neighbour, twice as high and wide; `positions` of the result
 * - `free`: anything else without parameters or multiplications that are counted
 */
export interface DetectorLayer {
  readonly op: 'conv' | 'linear' | 'norm' | 'attention' | 'embedding' | 'code' | 'upsample' | 'free';
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly groups: number;
  readonly norm: boolean;
  readonly heads: number;
  /** Pixels, tokens or queries of the result. */
  readonly positions: number;
  /** How often one picture runs it: shared layers several times, those for training alone never. */
  readonly calls: number;
  readonly params: number;
}

interface ConvolutionOptions {
  readonly kernel?: number;
  readonly groups?: number;
  readonly norm?: boolean;
  readonly bias?: boolean;
}

const PLAIN = { kernel: 1, groups: 1, norm: false, heads: 1, calls: 1 } as const;

/** Without a bias, with normalisation, unless the options say otherwise. */
export function convolution(
  name: string,
  inputs: number,
  outputs: number,
  positions: number,
  { kernel = 1, groups = 1, norm = true, bias = false }: ConvolutionOptions = {},
): DetectorLayer {
  const params = ((kernel * kernel * inputs) / groups + (norm ? 2 : 0) + (bias ? 1 : 0)) * outputs;
  return { ...PLAIN, op: 'conv', name, inputs, outputs, positions, kernel, groups, norm, params };
}

export function linear(
  name: string,
  inputs: number,
  outputs: number,
  positions: number,
  calls = 1,
): DetectorLayer {
  return { ...PLAIN, op: 'linear', name, inputs, outputs, positions, calls, params: (inputs + 1) * outputs };
}

/** Linear layers one after another, such as 256, 256, 256, 4. */
export function perceptron(
  name: string,
  widths: readonly number[],
  positions: number,
  calls = 1,
): readonly DetectorLayer[] {
  return widths
    .slice(1)
    .map((outputs, i) => linear(`${name}.${i}`, widths[i] as number, outputs, positions, calls));
}

export function layerNorm(name: string, width: number, positions: number): DetectorLayer {
  return {
    ...PLAIN,
    ...{ op: 'norm', name, inputs: width, outputs: width, positions, params: 2 * width },
  };
}

export function attention(name: string, width: number, positions: number, heads: number): DetectorLayer {
  return {
    ...PLAIN,
    ...{ op: 'attention', name, inputs: width, outputs: width, positions, heads },
    params: 4 * (width + 1) * width,
  };
}

export function embedding(name: string, rows: number, width: number): DetectorLayer {
  return {
    ...PLAIN,
    ...{ op: 'embedding', name, inputs: rows, outputs: width, positions: 0, calls: 0, params: rows * width },
  };
}

export function positionCode(name: string, width: number, positions: number): DetectorLayer {
  return { ...PLAIN, op: 'code', name, inputs: width, outputs: width, positions, params: 0 };
}

export function upsample(name: string, width: number, positions: number): DetectorLayer {
  return { ...PLAIN, op: 'upsample', name, inputs: width, outputs: width, positions, params: 0 };
}
