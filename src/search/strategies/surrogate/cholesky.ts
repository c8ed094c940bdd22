/** The lower factor L of a symmetric positive definite matrix, L·Lᵀ; rows one after the other, row i of i + 1 numbers. */
export interface Factor {
  readonly size: number;
  readonly lower: Float64Array;
}

/** Where row i of a triangle begins. */
export function rowAt(i: number): number {
  return (i * (i + 1)) / 2;
}

/** Rows that one part handles, so that a part takes some milliseconds at most. */
const PER_PART = 64;

/** Cholesky's factor of a matrix, of which the lower triangle is given, row i of i + 1 numbers. In parts of some rows. */
export function* cholesky(matrix: Float64Array, size: number): Generator<void, Factor> {
  const lower = matrix.slice();
  for (let i = 0; i < size; i++) {
    if (i % PER_PART === PER_PART - 1) yield;
    const row = rowAt(i);
    for (let j = 0; j <= i; j++) {
      const other = rowAt(j);
      let sum = lower[row + j] as number;
      for (let k = 0; k < j; k++) sum -= (lower[row + k] as number) * (lower[other + k] as number);
      lower[row + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / (lower[other + j] as number);
    }
  }
  return { size, lower };
}

/** x of L·x = b. */
export function solveLower({ size, lower }: Factor, b: Float64Array): Float64Array {
  const x = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const row = rowAt(i);
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (lower[row + k] as number) * (x[k] as number);
    x[i] = sum / (lower[row + i] as number);
  }
  return x;
}

/** x of Lᵀ·x = b. */
export function solveUpper({ size, lower }: Factor, b: Float64Array): Float64Array {
  const x = b.slice();
  for (let i = size - 1; i >= 0; i--) {
    const row = rowAt(i);
    const value = (x[i] as number) / (lower[row + i] as number);
    x[i] = value;
    for (let k = 0; k < i; k++) x[k] = (x[k] as number) - (lower[row + k] as number) * value;
  }
  return x;
}
