/** Density of the standard normal distribution. */
export function normalDensity(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

/** Its distribution function, to 8·10⁻⁸ (Abramowitz and Stegun 26.2.17). */
export function normalDistribution(x: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = normalDensity(x) * polynomial;
  return x >= 0 ? 1 - tail : tail;
}

/** The number below which a share in (0, 1) lies, to 4.5·10⁻⁴ (Abramowitz and Stegun 26.2.23). */
function normalQuantile(share: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(share, 1 - share)));
  const tail =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return share < 0.5 ? -tail : tail;
}

/**
 * Normal scores of values: what each would be by its rank alone, were they drawn from a standard normal distribution. Equal values
 * share the mean of their ranks. A network that failed to learn no longer outweighs the differences between good ones.
 */
export function normalScores(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  const scores = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to++;
    const score = normalQuantile((from + to) / 2 / order.length);
    for (let k = from; k < to; k++) scores[order[k] as number] = score;
    from = to;
  }
  return scores;
}

/** Expected improvement on `best` of a normal variable (Jones et al. 1998, eq. 15). */
export function expectedImprovement(mean: number, deviation: number, best: number): number {
  if (!(deviation > 0)) return Math.max(0, mean - best);
  const u = (mean - best) / deviation;
  return deviation * (u * normalDistribution(u) + normalDensity(u));
}
