/** Runs from which values that repeat say something of the clock. */
const LEAST_RUNS = 10;
/** Two values are one where they differ by less than this share, which is rounding of a quotient or a difference. */
const SAME = 1e-6;
/** How far from a whole number of steps a value may lie, in steps. */
const OFF = 0.02;
/** Finest decimal place that counts as a step of printed numbers, ms. */
const FINEST_PRINTED = 1e-6;

/**
 * The step of the clock that runs were timed by, ms of one run; 0 where none shows. It shows where values repeat and all
 * are whole multiples of the smallest distance of two.
 * @param printed runs came as printed numbers from elsewhere, where even a single value, again and again, is one that was
 *   rounded: its step is then its last decimal place
 */
export function clockStep(runsMs: readonly number[], printed: boolean): number {
  if (runsMs.length < LEAST_RUNS) return 0;
  const sorted = [...runsMs].sort((a, b) => a - b);
  const largest = sorted.at(-1) ?? 0;
  const distinct = sorted.filter((value, i) => i === 0 || value - (sorted[i - 1] ?? 0) > SAME * largest);
  if (distinct.length > runsMs.length / 2) return 0;
  if (distinct.length < 2) return printed ? lastPlace(largest) : 0;
  const least = Math.min(...distinct.slice(1).map((value, i) => value - (distinct[i] ?? 0)));
  const isWhole = distinct.every((value) => Math.abs(value / least - Math.round(value / least)) < OFF);
  return isWhole ? least : 0;
}

/** The place of a number's last decimal: 0.01 for 1.37, 1 for 12. */
function lastPlace(value: number): number {
  for (let place = 1; place > FINEST_PRINTED; place /= 10) {
    const steps = value / place;
    if (Math.abs(steps - Math.round(steps)) < 1e-6 * Math.max(1, steps)) return place;
  }
  return 0;
}
