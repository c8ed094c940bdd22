import { createRng, ms, ratio } from '../../../src/core/index.js';
import { createReward, createStrategy, type StrategySettings } from '../../../src/search/index.js';
import type { Genome } from '../../../src/space/index.js';
import { entryOf, SPACE, type Entry, type Table } from './nasbench201.js';

export interface Case {
  readonly label: string;
  readonly strategy: string;
  readonly settings?: StrategySettings;
}

export interface Tried {
  readonly genome: Genome;
  readonly entry: Entry;
}

/** As often a strategy is asked again whose proposals are refused or known, as in the search loop. */
const ASKED_AGAIN = 60;

/**
 * What a strategy tries, in order: its proposals in the way of the search loop, those over the limit refused before they
 * cost a trial, one at a time. Only the short column and the latency reach it.
 */
export function search(
  table: Table,
  device: string,
  limitMs: number,
  trials: number,
  seed: number,
  { strategy: name, settings = {} }: Case,
): readonly Tried[] {
  const strategy = createStrategy(name, { space: SPACE, seed: String(seed), settings });
  const reward = createReward({ kind: 'absolute', targetMs: ms(limitMs) });
  const root = createRng(seed).fork('ask');
  const msOf = (genome: Genome): number => entryOf(table, genome).latencyMs[device] ?? Infinity;
  const latencyOf = (genome: Genome) => {
    const relative = msOf(genome) / limitMs;
    return { median: relative, low: relative, high: relative };
  };
  const tell = (proposal: { readonly genome: Genome; readonly note: null }, trial: number): void => {
    const medianMs = msOf(proposal.genome);
    const accuracy = ratio(entryOf(table, proposal.genome).short / 100);
    strategy.tell([
      {
        ...{ ...proposal, trial, state: 'done', accuracy, reward: reward(accuracy, ms(medianMs)) },
        latencies: [{ platform: device, medianMs, lowMs: medianMs, highMs: medianMs, targetMs: limitMs }],
      },
    ]);
  };
  const tried = new Map<string, Tried>();
  while (tried.size < trials) {
    const trial = tried.size + 1;
    let chosen: Genome | undefined;
    for (let again = 0; chosen === undefined && again <= ASKED_AGAIN; again++) {
      const rng = root.fork(trial).fork(again);
      const [proposal] = strategy.ask(1, [], rng, latencyOf);
      if (proposal === undefined || latencyOf(proposal.genome).median > 1) continue;
      const known = tried.has(proposal.genome.join());
      if (!known) chosen = proposal.genome;
      if (!known || strategy.learnsFromRepeats === true) tell(proposal as never, trial);
    }
    const rng = root.fork(trial).fork('uniform');
    while (chosen === undefined) {
      const genome = SPACE.sample(rng);
      if (latencyOf(genome).median > 1 || tried.has(genome.join())) continue;
      tell({ genome, note: null }, trial);
      chosen = genome;
    }
    tried.set(chosen.join(), { genome: chosen, entry: entryOf(table, chosen) });
  }
  return [...tried.values()];
}
