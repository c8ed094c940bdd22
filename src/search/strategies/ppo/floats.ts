/** Numbers rounded to single precision ↔ base64 of their little-endian bytes. */

export function encodeFloats(values: ArrayLike<number>): string {
  return Buffer.from(Float32Array.from(values).buffer).toString('base64');
}

/** The numbers, or undefined where the text is not exactly `length` finite ones. */
export function decodeFloats(text: unknown, length: number): Float64Array | undefined {
  if (typeof text !== 'string') return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== 4 * length) return undefined;
  const values = Float64Array.from({ length }, (_, i) => bytes.readFloatLE(4 * i));
  return values.every(Number.isFinite) ? values : undefined;
}
