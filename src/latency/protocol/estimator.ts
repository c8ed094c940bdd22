import type { Interval, Rng } from '../../core/index.js';

/**
 * Every disturbance makes a run longer, so the fastest runs are those that nothing disturbed: this share of a session
 * counts as undisturbed. Chosen by bench/latency/estimators.mjs; bench/latency/README.md has the figures.
 */
export const FAST_SHARE = 0.1;

/** One network's runs, burst by burst in order of time. */
export type Bursts = readonly (readonly number[])[];

/** Median of the fastest tenth of the runs; NaN for none. */
export function fastDecileMedian(samples: readonly number[]): number {
  return fastDecileOf(samples.length, Float64Array.from(samples).sort(), undefined, undefined);
}

/**
 * The fast-decile median of a network, in units of the reference's where there is one, with its 95 % bootstrap interval.
 * Rounds are drawn, not runs: what disturbs a machine lasts longer than a run, and meets both networks of a round.
 */
export function fastDecileInterval(
  network: Bursts,
  reference: Bursts | null,
  rng: Rng,
  resamples: number,
): Interval {
  const rounds = Math.min(network.length, reference?.length ?? Infinity);
  const own = sorted(network, rounds);
  const base = reference && sorted(reference, rounds);
  const values = Float64Array.from({ length: resamples }, () => {
    const drawn = new Uint32Array(rounds);
    for (let k = 0; k < rounds; k++) {
      const round = rng.integer(rounds);
      drawn[round] = (drawn[round] ?? 0) + 1;
    }
    return base === null
      ? fastDecileOfDrawn(own, drawn)
      : fastDecileOfDrawn(own, drawn) / fastDecileOfDrawn(base, drawn);
  }).sort();
  const at = (q: number): number => values[Math.round((values.length - 1) * q)] ?? Number.NaN;
  return { low: at(0.025), high: at(0.975) };
}

/** Runs from fast to slow, with the round of each and how many each round has. */
interface Sorted {
  readonly values: Float64Array;
  readonly rounds: Uint32Array;
  readonly sizes: Uint32Array;
}

function sorted(bursts: Bursts, rounds: number): Sorted {
  const runs = bursts.slice(0, rounds).flatMap((burst, round) => burst.map((value) => ({ value, round })));
  runs.sort((a, b) => a.value - b.value);
  return {
    values: Float64Array.from(runs, ({ value }) => value),
    rounds: Uint32Array.from(runs, ({ round }) => round),
    sizes: Uint32Array.from({ length: rounds }, (_, round) => bursts[round]?.length ?? 0),
  };
}

function fastDecileOfDrawn({ values, rounds, sizes }: Sorted, drawn: Uint32Array): number {
  const count = sizes.reduce((sum, size, round) => sum + size * (drawn[round] ?? 0), 0);
  return fastDecileOf(count, values, rounds, drawn);
}

/** Type-7 quantile in the middle of the fastest share, of values that count as often as their round was drawn. */
function fastDecileOf(
  count: number,
  values: Float64Array,
  rounds: Uint32Array | undefined,
  drawn: Uint32Array | undefined,
): number {
  const at = (count - 1) * (FAST_SHARE / 2);
  let passed = 0;
  let low = Number.NaN;
  for (let i = 0; i < values.length; i++) {
    const times = drawn === undefined ? 1 : (drawn[rounds?.[i] ?? 0] ?? 0);
    if (times === 0) continue;
    passed += times;
    const value = values[i] ?? Number.NaN;
    if (Number.isNaN(low) && passed > Math.floor(at)) low = value;
    if (passed > Math.ceil(at)) return low + (value - low) * (at - Math.floor(at));
  }
  return low;
}
