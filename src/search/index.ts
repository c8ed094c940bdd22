/** Strategies (ask and tell), rewards and the search loop. Knows core, space and trials; the evaluator is handed in. */
export {
  goalWithin,
  mostAccurate,
  regretOf,
  returnedOf,
  type Goal,
  type Regret,
} from './benchmark/regret.js';
export { benchmarkTable, type BenchmarkTable, type Entry, type TableColumns } from './benchmark/table.js';
export { searchTable, TABLE_STRATEGIES, type TableSearch, type Tried } from './benchmark/table-search.js';
export type { SearchBudget } from './loop/budget.js';
export { cheapest } from './cheapest.js';
export {
  createStrategy,
  STRATEGY_NAMES,
  type StrategyOptions,
  type StrategySettings,
} from './strategies/create-strategy.js';
export { exhaustedText, type StopReason } from './loop/stop-reason.js';
export type { Exhausted } from './loop/proposer.js';
export type { LatencyPredictor } from './loop/latency-gate.js';
export type { SearchEvent, SearchStatus } from './loop/events.js';
export type { PpoSettings } from './strategies/ppo/settings.js';
export { createReward, type Reward, type RewardKind, type RewardOptions } from './reward.js';
export type { InitialCandidate, SearchOptions, SearchResult } from './loop/options.js';
export { runSearch } from './loop/run-search.js';
export type {
  Finished,
  FinishedLatency,
  LatencyOf,
  Pending,
  Proposal,
  RelativeLatency,
  Strategy,
} from './strategies/strategy.js';
