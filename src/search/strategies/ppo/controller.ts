import type { Rng } from '../../../core/index.js';

/**
 * The papers' controller: a one-layer LSTM that emits one token a choice through a softmax of that choice's own;
 * its input is an embedding of the token before (a learnt start vector at first). Pure functions over one flat
 * array of parameters: start vector, embeddings of all tokens but the last choice's, gate matrix
 * [4·hidden × 2·hidden] with bias (rows: input, forget, candidate, output), then per choice a head
 * [options × hidden] with bias.
 */
export interface Controller {
  readonly parameters: number;
  /** Uniform in (−0.1, 0.1), as in NASNet's appendix A. */
  initial(rng: Rng): Float64Array;
  /** Runs through all choices; `choose` picks each token from its probabilities. */
  run(weights: Float64Array, choose: (step: number, probabilities: Float64Array) => number): Trace;
  /** Adds to `gradient` what the derivatives by each step's logits give by all parameters; in parts of some steps each. */
  backward(
    weights: Float64Array,
    trace: Trace,
    byLogits: readonly Float64Array[],
    gradient: Float64Array,
  ): Generator<void, void>;
}

/** What one run computed, step by step. */
export interface Trace {
  readonly steps: readonly Step[];
}

export interface Step {
  readonly token: number;
  readonly probabilities: Float64Array;
  /** Where the step's input stands among the parameters. */
  readonly input: number;
  /** Hidden and cell state before; the four gates after their functions; cell after; tanh of it; hidden after. */
  readonly before: Float64Array;
  readonly cellBefore: Float64Array;
  readonly gates: Float64Array;
  readonly cell: Float64Array;
  readonly squashed: Float64Array;
  readonly after: Float64Array;
}

/** Steps backward take about a millisecond each for the published controller. */
const STEPS_PER_PART = 8;

/** @param options number of options of each choice, in order */
export function createController(options: readonly number[], hidden: number): Controller {
  const H = hidden;
  const embeddings: number[] = [];
  let at = H;
  for (const count of options) {
    embeddings.push(at);
    at += count * H;
  }
  const matrix = at;
  const bias = matrix + 4 * H * 2 * H;
  const heads: number[] = [];
  at = bias + 4 * H;
  for (const count of options) {
    heads.push(at);
    at += count * (H + 1);
  }
  const parameters = at;

  function step(
    weights: Float64Array,
    t: number,
    input: number,
    last: Step | undefined,
  ): Omit<Step, 'token'> {
    const before = last?.after ?? new Float64Array(H);
    const cellBefore = last?.cell ?? new Float64Array(H);
    const gates = new Float64Array(4 * H);
    for (let row = 0; row < 4 * H; row++) {
      const from = matrix + row * 2 * H;
      const sum =
        (weights[bias + row] as number) +
        product(weights, from, weights, input, H) +
        product(weights, from + H, before, 0, H);
      gates[row] = row >= 2 * H && row < 3 * H ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
    }
    const cell = new Float64Array(H);
    const squashed = new Float64Array(H);
    const after = new Float64Array(H);
    for (let j = 0; j < H; j++) {
      const value =
        (gates[H + j] as number) * (cellBefore[j] as number) +
        (gates[j] as number) * (gates[2 * H + j] as number);
      cell[j] = value;
      squashed[j] = Math.tanh(value);
      after[j] = (gates[3 * H + j] as number) * (squashed[j] as number);
    }
    const count = options[t] as number;
    const head = heads[t] as number;
    const logits = new Float64Array(count);
    for (let k = 0; k < count; k++) {
      logits[k] = (weights[head + count * H + k] as number) + product(weights, head + k * H, after, 0, H);
    }
    return { probabilities: softmax(logits), input, before, cellBefore, gates, cell, squashed, after };
  }

  return {
    parameters,
    initial: (rng) => Float64Array.from({ length: parameters }, () => Math.fround(0.2 * rng.uniform() - 0.1)),
    run(weights, choose) {
      const steps: Step[] = [];
      let input = 0;
      for (let t = 0; t < options.length; t++) {
        const partial = step(weights, t, input, steps.at(-1));
        const token = choose(t, partial.probabilities);
        steps.push({ ...partial, token });
        input = (embeddings[t] as number) + token * H;
      }
      return { steps };
    },
    *backward(weights, trace, byLogits, gradient) {
      let byAfter = new Float64Array(H);
      let byCell = new Float64Array(H);
      for (let t = options.length - 1; t >= 0; t--) {
        const now = trace.steps[t] as Step;
        const count = options[t] as number;
        const head = heads[t] as number;
        const deltas = byLogits[t] as Float64Array;
        for (let k = 0; k < count; k++) {
          const delta = deltas[k] as number;
          if (delta === 0) continue;
          add(gradient, head + count * H + k, delta);
          addMultiple(gradient, head + k * H, delta, now.after, 0, H);
          addMultiple(byAfter, 0, delta, weights, head + k * H, H);
        }
        const bySums = new Float64Array(4 * H);
        const byCellBefore = new Float64Array(H);
        for (let j = 0; j < H; j++) {
          const i = now.gates[j] as number;
          const f = now.gates[H + j] as number;
          const g = now.gates[2 * H + j] as number;
          const o = now.gates[3 * H + j] as number;
          const s = now.squashed[j] as number;
          const dh = byAfter[j] as number;
          const dc = (byCell[j] as number) + dh * o * (1 - s * s);
          bySums[j] = dc * g * i * (1 - i);
          bySums[H + j] = dc * (now.cellBefore[j] as number) * f * (1 - f);
          bySums[2 * H + j] = dc * i * (1 - g * g);
          bySums[3 * H + j] = dh * s * o * (1 - o);
          byCellBefore[j] = dc * f;
        }
        const byBefore = new Float64Array(H);
        for (let row = 0; row < 4 * H; row++) {
          const delta = bySums[row] as number;
          if (delta === 0) continue;
          const from = matrix + row * 2 * H;
          add(gradient, bias + row, delta);
          addMultiple(gradient, from, delta, weights, now.input, H);
          addMultiple(gradient, from + H, delta, now.before, 0, H);
          addMultiple(gradient, now.input, delta, weights, from, H);
          addMultiple(byBefore, 0, delta, weights, from + H, H);
        }
        byAfter = byBefore;
        byCell = byCellBefore;
        if (t % STEPS_PER_PART === 0) yield;
      }
    },
  };
}

function add(values: Float64Array, at: number, what: number): void {
  values[at] = (values[at] as number) + what;
}

/** Scalar product of `length` numbers; in four sums, which a processor adds up side by side. */
function product(a: Float64Array, from: number, b: Float64Array, start: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let j = 0;
  for (; j + 3 < length; j += 4) {
    s0 += (a[from + j] as number) * (b[start + j] as number);
    s1 += (a[from + j + 1] as number) * (b[start + j + 1] as number);
    s2 += (a[from + j + 2] as number) * (b[start + j + 2] as number);
    s3 += (a[from + j + 3] as number) * (b[start + j + 3] as number);
  }
  for (; j < length; j++) s0 += (a[from + j] as number) * (b[start + j] as number);
  return s0 + s1 + (s2 + s3);
}

/** Adds `factor` times `length` numbers of `what`. */
function addMultiple(
  to: Float64Array,
  at: number,
  factor: number,
  what: Float64Array,
  from: number,
  length: number,
): void {
  for (let j = 0; j < length; j++) to[at + j] = (to[at + j] as number) + factor * (what[from + j] as number);
}

function softmax(logits: Float64Array): Float64Array {
  const top = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - top));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
