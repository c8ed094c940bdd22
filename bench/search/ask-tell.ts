import { createRng, stopwatch, quantile } from '../../src/core/index.js';
import { createStrategy, type Finished } from '../../src/search/index.js';
import { searchSpace, type Genome } from '../../src/space/index.js';

const TRIALS = 1000;
const ASKS = 20;

/**
 * Milliseconds that a strategy takes to propose one network and to learn of one, after 1,000 trials of the default space, and of the
 * processor's time, whatever else runs on the machine.
 * Latencies are predicted at no cost; accuracies are made up.
 */
export function askTellMs(name: string) {
  const space = searchSpace('mobilenetv3', { input: [28, 28, 1], classes: 10 });
  const strategy = createStrategy(name, { space, seed: '1' });
  const sumOf = (genome: Genome): number => genome.reduce((sum, gene) => sum + gene, 0);
  const most = sumOf(space.choices.map(({ options }) => options.length - 1));
  const latencyOf = (genome: Genome) => {
    const median = (1.6 * sumOf(genome)) / most;
    return { median, low: median, high: median };
  };
  const rng = createRng('ask-tell');
  const tellOne = (trial: number): void => {
    const [proposal] = strategy.ask(1, [], rng.fork(trial), latencyOf);
    if (proposal === undefined) throw new Error('asked for one proposal, got none');
    const medianMs = latencyOf(proposal.genome).median;
    const accuracy = 0.5 + 0.4 * (sumOf(proposal.genome) / most) + 0.02 * rng.fork(-trial).normal();
    const latency = { platform: 'any', medianMs, lowMs: medianMs, highMs: medianMs, targetMs: 1 };
    const finished: Finished = {
      ...{ ...proposal, trial, state: 'done', reward: accuracy, accuracy },
      latencies: [latency],
    };
    strategy.tell([finished]);
  };
  // What was learnt before is drawn at random: asking a thousand times would take minutes.
  const early = Array.from({ length: TRIALS }, (_, i): Finished => {
    const genome = space.sample(rng);
    const medianMs = latencyOf(genome).median;
    const latency = { platform: 'any', medianMs, lowMs: medianMs, highMs: medianMs, targetMs: 1 };
    const accuracy = 0.5 + 0.4 * (sumOf(genome) / most) + 0.02 * rng.normal();
    return {
      ...{ genome, note: null, trial: i + 1, state: 'done', reward: accuracy, accuracy },
      latencies: [latency],
    };
  });
  strategy.tell(early);
  const before = process.cpuUsage();
  const times = Array.from({ length: ASKS }, (_, i) => {
    const elapsed = stopwatch();
    tellOne(TRIALS + i + 1);
    return elapsed();
  });
  const cpuMs = process.cpuUsage(before).user / 1000 / ASKS;
  return {
    strategy: name,
    trials: TRIALS,
    medianMs: quantile(times, 0.5),
    mostMs: Math.max(...times),
    cpuMs,
  };
}
