/** Adam's moments and the number of steps taken; rounded to single precision, as saved. */
export interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly step: number;
}

/** One step of Adam (Kingma & Ba, algorithm 1; β₁ 0.9, β₂ 0.999, ε 1e-8) down `gradient`. Changes its arguments' arrays. */
export function adamStep(
  weights: Float64Array,
  gradient: Float64Array,
  moments: Moments,
  learningRate: number,
): Moments {
  const { first, second } = moments;
  const step = moments.step + 1;
  const rate = (learningRate * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step);
  for (let i = 0; i < weights.length; i++) {
    const g = gradient[i] as number;
    const m = Math.fround(0.9 * (first[i] as number) + 0.1 * g);
    const v = Math.fround(0.999 * (second[i] as number) + 0.001 * g * g);
    first[i] = m;
    second[i] = v;
    weights[i] = Math.fround((weights[i] as number) - (rate * m) / (Math.sqrt(v) + 1e-8));
  }
  return { first, second, step };
}
