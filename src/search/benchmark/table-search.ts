import { createRng, ms, ratio } from '../../core/index.js';
import type { Genome } from '../../space/index.js';
import { createReward } from '../reward.js';
import { createStrategy, STRATEGY_NAMES } from '../strategies/create-strategy.js';
import type { Proposal, RelativeLatency, Strategy } from '../strategies/strategy.js';
import type { BenchmarkTable, Entry } from './table.js';

/** Those that propose networks; `scale` proposes none. */
export const TABLE_STRATEGIES: readonly string[] = STRATEGY_NAMES.filter((name) => name !== 'scale');

export interface TableSearch {
  readonly strategy: string;
  readonly targetMs: number;
  /** Networks to try; fewer where fewer meet the target. */
  readonly trials: number;
  readonly seed: number;
}

/** What a search has tried, in order, and the strategy that it taught. */
export interface Tried {
  readonly entries: readonly Entry[];
  readonly strategy: Strategy;
}

/** As often a strategy is asked again whose proposals are refused or known, as in the search loop. */
const ASKED_AGAIN = 60;
/** Least latency: rewards know none of zero. */
const LEAST_MS = 1e-6;
/** Of a network that the table lacks. */
const ABSENT: RelativeLatency = { median: Infinity, low: Infinity, high: Infinity };

/**
 * Searches a table in the way of the search loop, one network at a time: proposals over the target, or missing in the table, are
 * refused before they cost a trial, known ones cost none. Only the accuracy column and the latency reach the strategy.
 * @param onTrial called after each trial; what it gets may be looked at only then
 */
export function searchTable(
  table: BenchmarkTable,
  { strategy: name, targetMs, trials, seed }: TableSearch,
  onTrial: (tried: Tried) => void,
): void {
  const strategy = createStrategy(name, { space: table.space, seed: String(seed) });
  const goalMs = Math.max(targetMs, LEAST_MS);
  const reward = createReward({ kind: 'absolute', targetMs: ms(goalMs) });
  const asks = createRng(seed).fork('ask');
  const within = table.entries.filter((entry) => entry.latencyMs <= targetMs);
  const latencyOf = (genome: Genome): RelativeLatency => {
    const entry = table.entryOf(genome);
    if (entry === undefined) return ABSENT;
    const relative = entry.latencyMs / goalMs;
    return { median: relative, low: relative, high: relative };
  };
  const tell = (proposal: Proposal, { short, latencyMs }: Entry, trial: number): void => {
    const accuracy = ratio(short / 100);
    const medianMs = Math.max(latencyMs, LEAST_MS);
    const latency = { platform: 'table', medianMs, lowMs: medianMs, highMs: medianMs, targetMs: goalMs };
    const value = reward(accuracy, ms(medianMs));
    strategy.tell([{ ...proposal, trial, state: 'done', accuracy, reward: value, latencies: [latency] }]);
  };
  const entries: Entry[] = [];
  const tried = new Set<Entry>();
  while (entries.length < Math.min(trials, within.length)) {
    const trial = entries.length + 1;
    let chosen: Entry | undefined;
    for (let again = 0; chosen === undefined && again <= ASKED_AGAIN; again++) {
      const [proposal] = strategy.ask(1, [], asks.fork(trial).fork(again), latencyOf);
      const entry = proposal && table.entryOf(proposal.genome);
      if (proposal === undefined || entry === undefined || entry.latencyMs > targetMs) continue;
      const known = tried.has(entry);
      if (!known || strategy.learnsFromRepeats === true) tell(proposal, entry, trial);
      if (!known) chosen = entry;
    }
    if (chosen === undefined) {
      chosen = asks
        .fork(trial)
        .fork('uniform')
        .pick(within.filter((entry) => !tried.has(entry)));
      tell({ genome: chosen.genome, note: null }, chosen, trial);
    }
    tried.add(chosen);
    entries.push(chosen);
    onTrial({ entries, strategy });
  }
}
