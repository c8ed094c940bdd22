import type { Rng } from '../../../core/index.js';
import type { Controller, Trace } from './controller.js';

/** The token that a uniform number in [0, 1) draws. */
export function draw(probabilities: Float64Array, uniform: number): number {
  let sum = 0;
  for (let k = 0; k < probabilities.length - 1; k++) {
    sum += probabilities[k] as number;
    if (uniform < sum) return k;
  }
  return probabilities.length - 1;
}

/** Runs that are averaged: each costs as much as a proposal. */
const RUNS = 8;

/**
 * Probability of each option of each choice, averaged over the choices before it: the mean of its probability over a few
 * runs, the same random numbers each time, so that a series shows the controller move and not the draws. In parts of one run each.
 */
export function* marginals(
  controller: Controller,
  weights: Float64Array,
  rng: Rng,
): Generator<void, readonly (readonly number[])[]> {
  const runs: Trace[] = [];
  while (runs.length < RUNS) {
    runs.push(controller.run(weights, (_t, probabilities) => draw(probabilities, rng.uniform())));
    yield;
  }
  const [first] = runs;
  return (first?.steps ?? []).map(({ probabilities }, t) =>
    Array.from(probabilities, (_, option) => {
      const sum = runs.reduce((total, { steps }) => total + (steps[t]?.probabilities[option] ?? 0), 0);
      return sum / RUNS;
    }),
  );
}
